import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../schemas/audit-event.ts';
import type { Loss } from '../../../schemas/loss.ts';
import { Conversation, DEFAULT_CAPABILITIES, greeting, packet } from '../../support/conversation.ts';

function connects(outputs: readonly (AuditEvent | Loss)[]): unknown[] {
  return outputs.flatMap((output) =>
    'command' in output && output.command === 'connect' ? [[output.status, output.errorCode, output.userName]] : [],
  );
}

describe('a connection that ends before its login', () => {
  it('is a connect without an outcome and without a user', () => {
    const outputs = new Conversation().server(greeting(DEFAULT_CAPABILITIES)).outputs();
    expect(connects(outputs)).toEqual([['unknown', 0, '']]);
  });

  it('is one connect where the server ended it with an error', () => {
    const tooSlow = packet(1, 'ff 8604 23 3038533031', Buffer.from('Got timeout reading communication packets'));
    const outputs = new Conversation().server(greeting(DEFAULT_CAPABILITIES)).server(tooSlow).outputs();
    expect(connects(outputs)).toEqual([['error', 1158, '']]);
  });

  it('is none where nothing was said, where bytes are missing, or behind a login', () => {
    expect(connects(new Conversation().outputs())).toEqual([]);
    expect(connects(new Conversation().server(greeting(DEFAULT_CAPABILITIES)).gap(true, 90).outputs())).toEqual([]);
    expect(connects(new Conversation().login().outputs())).toEqual([['ok', 0, 'app']]);
  });
});
