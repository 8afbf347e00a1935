import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bus, BusRecord, OutgoingRecord } from '../../../bus/bus.ts';
import { lettersText } from '../../../cli/deadletter/print-letters.ts';
import { NdjsonSink } from '../../../cli/output/ndjson-sink.ts';
import type { StandardOutput } from '../../../cli/output/standard-output.ts';
import { TableSink } from '../../../cli/output/table-sink.ts';
import { processMetrics } from '../../../cli/process/process-metrics.ts';
import { recordJson } from '../../../cli/topics/record-json.ts';
import { SINK_KINDS } from '../../../processors/alert/alert-sink.ts';
import { Decode } from '../../../processors/decode/decode.ts';
import { chooseRules } from '../../../processors/detect/choose-rules.ts';
import { Detect } from '../../../processors/detect/detect.ts';
import { FeatureReader } from '../../../processors/detect/features/feature-reader.ts';
import { ownRules } from '../../../processors/detect/own-rules.ts';
import type { EventSink } from '../../../processors/event-sink.ts';
import { EventSteps } from '../../../processors/event-steps.ts';
import { Mask } from '../../../processors/mask/mask.ts';
import { Pipeline } from '../../../processors/pipeline.ts';
import { Outputs } from '../../../processors/service/outputs.ts';
import { stageChain } from '../../../processors/service/stage-chain.ts';
import { StageMember } from '../../../processors/service/stage-member.ts';
import { StoreBatch } from '../../../processors/store/store-batch.ts';
import { failureFields } from '../../../runtime/failure-fields.ts';
import { type Log, openLog } from '../../../runtime/log.ts';
import { Metrics } from '../../../runtime/metrics.ts';
import type { Service } from '../../../runtime/service.ts';
import { AuditEvent } from '../../../schemas/audit-event.ts';
import { deadLetterSchema } from '../../../schemas/dead-letter-schema.ts';
import type { Loss } from '../../../schemas/loss.ts';
import { holdsUnmaskedSql } from '../../../schemas/topic-definitions.ts';
import { TOPIC } from '../../../schemas/topics.ts';
import { alertBodies } from '../alert/alert-bodies.ts';
import { type CanarySession, canarySession } from './canary-session.ts';
import { CANARY, HEX_CANARY, NUMBER_CANARY } from './statement-generator.ts';

/** Sessions of three statements; a million statements take hours. */
const RUNS = Number(process.env['SQLTRAIL_OUTPUT_RUNS'] ?? 60);
const TIMEOUT_MS = 60_000 + 100 * RUNS;
const CANARIES = [CANARY, NUMBER_CANARY, HEX_CANARY];

/** Fails where the output shows a canary as text or as the hex digits of one. */
function expectClean(where: string, output: string | Buffer): void {
  const text = (typeof output === 'string' ? output : output.toString('latin1')).toLowerCase();
  for (const canary of CANARIES) {
    if (text.includes(canary)) expect.fail(`${canary} in ${where}: ${JSON.stringify(text.slice(0, 2000))}`);
    if (text.includes(Buffer.from(canary).toString('hex'))) expect.fail(`${canary} as hex in ${where}`);
  }
}

describe('a value that a client or server sent', () => {
  it(
    'is in nothing that a service sends, but for the topics of unmasked SQL',
    async () => {
      let findings = 0;
      await fc.assert(
        fc.asyncProperty(sessions, async (session) => {
          for (const chain of [['decode', 'mask', 'detect'], ['decode']]) {
            const made = await served(chain, session.batches);
            expectCleanTopics(made, session.commands);
            findings += made.sent.filter(({ topic }) => topic === TOPIC.findings).length;
          }
        }),
        { numRuns: RUNS },
      );
      expect(findings).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it(
    'is in no alert, whichever sink gets it, and in no state of the stage',
    async () => {
      const kinds = new Set<string>();
      await fc.assert(
        fc.asyncProperty(sessions, async (session) => {
          const { sent } = await served(['decode', 'mask', 'detect'], session.batches);
          const { alerts, bodies } = await alertBodies(sent.filter(({ topic }) => topic === TOPIC.findings));
          for (const { kind } of alerts) kinds.add(kind);
          for (const [where, body] of Object.entries(bodies)) expectClean(`the alert of ${where}`, body);
          if (alerts.length > 0) expect(Object.keys(bodies).sort()).toEqual([...SINK_KINDS, 'state'].sort());
        }),
        { numRuns: RUNS },
      );
      expect([...kinds].sort()).toEqual(['finding', 'summary']);
    },
    TIMEOUT_MS,
  );

  it(
    'is in no line, table or stored row of the embedded run',
    async () => {
      await fc.assert(
        fc.asyncProperty(sessions, async (session) => {
          const { printed, table, stored } = await embedded(session, false);
          expect(printed.split('\n').length).toBeGreaterThan(session.commands);
          expectClean('ndjson', printed);
          expectClean('the table', table);
          for (const [name, block] of Object.entries(stored)) expectClean(`the block of ${name}`, block);
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  it('is in the same sessions where raw text is asked for', async () => {
    const shown = await Promise.all([1, 2, 3].map((seed) => embedded(canarySession(seed), true)));
    for (const { printed } of shown) expect(printed.toLowerCase()).toContain(CANARY);
  });

  it('is in no metric of a service', async () => {
    const { parts } = await served(['decode', 'mask', 'detect'], canarySession(1).batches);
    const metrics = new Metrics('process');
    processMetrics({ metrics, ready: () => {} } as unknown as Service, parts);
    const text = await metrics.text();
    expect(text).toMatch(/sqltrail_process_dead_letters_total.* [1-9]/);
    expectClean('the metrics', text);
  });

  it('is in no log line of a failure that quotes it', () => {
    const lines: string[] = [];
    const log: Log = openLog('process', 'debug', { write: (line) => lines.push(line) });
    const quoting = new Error(`Cannot parse '${CANARY}' near ${NUMBER_CANARY}`);
    log.error('The stage failed.', failureFields(quoting));
    log.warn('A row was refused.', failureFields(new AggregateError([quoting], quoting.message)));
    expect(lines.length).toBe(2);
    expectClean('the log', lines.join(''));
  });
});

/** Shared, as by all partitions of a process: its cache is all that it remembers. */
const mask = new Mask(null, new FeatureReader());
const detect = new Detect(chooseRules(ownRules(), { folders: [], disable: [], override: {} }));
const sessions = fc.noShrink(fc.integer()).map(canarySession);

/** What a process of these stages has sent to each topic for the batches and for damaged copies of them, and its metrics. */
async function served(stages: readonly string[], batches: readonly Buffer[]) {
  const chain = stageChain(stages);
  const sent: BusRecord[] = [];
  const bus = {
    partitions: async () => 1,
    send: async (topic: string, records: readonly OutgoingRecord[]) => {
      for (const record of records) sent.push({ topic, ...record, offset: sent.length, timeMs: 0 });
    },
    read: async function* () {},
  };
  const outputs = await Outputs.open(bus as unknown as Bus, chain, null);
  const fail = (error: unknown) => {
    throw error;
  };
  const steps = new EventSteps(stages.includes('mask') ? { mask, detect } : {});
  const member = new StageMember(
    bus as unknown as Bus,
    { chain, outputs, steps, detect: stages.includes('detect') ? detect : null, nowMs: () => 0, fail },
    null,
  );
  await member.assigned(chain.input, 0);
  const damaged = batches.flatMap((batch) => [batch.subarray(0, batch.length - 7), batch.subarray(3)]);
  const values = [...batches, ...damaged];
  for (const [offset, value] of values.entries()) {
    await member.handle({ topic: chain.input, partition: 0, offset, key: null, value, timeMs: 1000 });
    await member.commit();
  }
  return { sent, raw: values, parts: { chain, member, outputs, store: null } };
}

function expectCleanTopics({ sent, raw, parts }: Awaited<ReturnType<typeof served>>, commands: number): void {
  const letters = sent.filter(({ topic }) => topic === TOPIC.deadLetter);
  expect(letters.length).toBeGreaterThan(0);
  const events = sent.filter(({ topic }) => /audit|after/.test(topic)).flatMap(({ value }) => linesOf(value));
  expect(events.length).toBeGreaterThanOrEqual(commands);
  for (const { topic, key, value } of sent) {
    if (!holdsUnmaskedSql(topic)) expectClean(topic, value ?? '');
    expectClean(`keys of ${topic}`, key ?? '');
  }
  const given = raw.map((value, offset) => ({
    topic: parts.chain.input,
    partition: 0,
    offset,
    key: null,
    value,
    timeMs: 0,
  }));
  for (const record of [...given, ...sent])
    expectClean(`topics read ${record.topic}`, JSON.stringify(recordJson(record)));
  const read = letters.map(({ key, value }) => ({
    key: key ?? '',
    ...deadLetterSchema.parse(JSON.parse(String(value))),
  }));
  for (const format of ['table', 'json', 'ndjson'] as const)
    expectClean(`deadletter list as ${format}`, lettersText(read, format, 200));
}

function linesOf(value: Buffer | null): string[] {
  return (value?.toString() ?? '').split('\n').filter(Boolean);
}

/** What the embedded run prints and stores of a session. */
async function embedded({ batches }: CanarySession, keepsRaw: boolean) {
  const texts = { ndjson: '', table: '' };
  const output = (name: keyof typeof texts) =>
    ({
      write: (text: string) => {
        texts[name] += text;
      },
      ready: () => null,
      flush: () => {},
    }) as unknown as StandardOutput;
  const batch = new StoreBatch({ keepsRaw, remembersRows: false, markedMinutes: null });
  const store: EventSink = {
    add: (row: AuditEvent | Loss) => {
      if (!(row instanceof AuditEvent)) batch.addLoss(row);
      else if (batch.addEvent(row) && row.statement !== null) batch.statements.add(row.statement, row.timeUs);
    },
    ready: () => null,
    tick: () => {},
    close: () => Promise.resolve(),
  };
  const sinks = [new NdjsonSink(output('ndjson'), keepsRaw), new TableSink(output('table'), 400), store];
  const fail = (error: unknown) => {
    throw error;
  };
  const pipeline = new Pipeline(new Decode({ keepsRaw }), new EventSteps({ mask, detect }), sinks, fail);
  for (const [offset, value] of batches.entries())
    await pipeline.handle({ topic: TOPIC.messages, partition: 0, offset, key: null, value, timeMs: 0 });
  const stored = {
    facts: Buffer.from(batch.facts.encode()),
    statements: Buffer.from(batch.statements.encode()),
    losses: Buffer.from(batch.losses.encode()),
  };
  return { printed: texts.ndjson, table: texts.table, stored };
}
