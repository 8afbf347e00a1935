import { describe, expect, it } from 'vitest';
import { Detect } from '../../../processors/detect/detect.ts';
import { loadRules } from '../../../processors/detect/load-rules.ts';
import type { RuleSample } from '../../../processors/detect/rule-schema.ts';
import { SampleEvents } from '../../../processors/detect/sample-event.ts';
import { stageChain } from '../../../processors/service/stage-chain.ts';
import type { AuditEvent } from '../../../schemas/audit-event.ts';
import { eventLine, readEventRecord } from '../../../schemas/event-record.ts';
import { betweenTopic, TOPIC } from '../../../schemas/topics.ts';

const rules = loadRules();
const events = new SampleEvents();
const samples: RuleSample[] = rules.compiled.flatMap((compiled) => [
  ...compiled.samples.matching,
  ...compiled.samples.notMatching,
]);

describe('detect in a process of its own', () => {
  it('finds the same from the lines that mask hands over', () => {
    const apart = new Detect(loadRules());
    for (const sample of samples) {
      const event = events.event(sample);
      const read: AuditEvent[] = [];
      readEventRecord(Buffer.from(eventLine(event)), {
        output: (output) => read.push(output as AuditEvent),
        bad: () => expect.unreachable(),
      });
      new Detect(rules).apply(event);
      apart.apply(read[0]!);
      expect([sample, read[0]!.ruleIds, read[0]!.riskLevel]).toEqual([sample, event.ruleIds, event.riskLevel]);
    }
  });

  it('gets nothing that is not masked', () => {
    const line = eventLine(
      events.event({
        sql: "SELECT a FROM t WHERE b = 'canary-in-text' OR 7357 = 7357",
        error_code: 1105,
        error_message: "XPATH syntax error: '~canary-in-error'",
      }),
    );
    expect(line).toContain('"features":["tautology"');
    expect(line).toContain('error_leaks_value');
    expect(line).not.toMatch(/canary|7357|Y2FuYXJ5/);
  });

  it.each([
    [['decode', 'identify', 'mask', 'detect'], false, TOPIC.messages, TOPIC.audit],
    [['decode', 'mask'], false, TOPIC.messages, TOPIC.audit],
    [['decode', 'mask'], true, TOPIC.messages, betweenTopic('mask')],
    [['mask'], true, betweenTopic('decode'), betweenTopic('mask')],
    [['detect'], true, betweenTopic('mask'), TOPIC.audit],
    [['detect'], false, betweenTopic('mask'), TOPIC.audit],
    [['detect', 'store'], true, betweenTopic('mask'), null],
    [['decode', 'mask', 'store'], false, TOPIC.messages, null],
    [['store'], true, TOPIC.audit, null],
  ])('%j, detects apart %s, reads %s and writes %s', (stages, apart, input, output) => {
    const chain = stageChain(stages, apart);
    expect([chain.input, chain.output, chain.group]).toEqual([input, output, `sqltrail.${stages[0]}`]);
  });

  it('is not set beside a process that detects itself', () => {
    expect(() => stageChain(['decode', 'mask', 'detect'], true)).toThrow(
      /detects_apart is set, but this process detects itself/,
    );
  });
});
