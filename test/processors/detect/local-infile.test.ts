import { describe, expect, it } from 'vitest';
import { Detect } from '../../../processors/detect/detect.ts';
import { FeatureReader } from '../../../processors/detect/features/feature-reader.ts';
import { loadRules } from '../../../processors/detect/load-rules.ts';
import { Mask } from '../../../processors/mask/mask.ts';
import { AuditEvent } from '../../../schemas/audit-event.ts';
import { Conversation, packet, query } from '../../support/conversation.ts';

const OK = '00 00 00 0200 0000';
const rules = loadRules();

/** Ids of the rules that match the one statement, to which the server answers by asking for a file. */
function found(sql: string): readonly string[] {
  const conversation = new Conversation()
    .login()
    .client(query(sql))
    .server(packet(1, 'fb', Buffer.from('/etc/hosts')))
    .client(packet(2, Buffer.from('x')), packet(3, ''))
    .server(packet(4, OK));
  const events = conversation.outputs().filter((output) => output instanceof AuditEvent && output.command === 'query');
  expect(events).toHaveLength(1);
  const event = events[0] as AuditEvent;
  new Mask(null, new FeatureReader()).apply(event);
  new Detect(rules).apply(event);
  return event.ruleIds;
}

describe('a file that the server asks its client for', () => {
  it('is found where the client has not offered one', () => {
    expect(found('SELECT 1')).toEqual(['file.local_infile']);
  });

  it('is none where it has', () => {
    expect(found("LOAD DATA LOCAL INFILE 'f' INTO TABLE t")).toEqual([]);
  });
});
