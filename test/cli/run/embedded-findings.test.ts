import { afterAll, describe, expect, it } from 'vitest';
import { EmbeddedFindings } from '../../../cli/run/embedded-findings.ts';
import type { Verdict } from '../../../processors/detect/rule.ts';
import { NO_VERDICT } from '../../../processors/detect/rule-set.ts';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import { readDetections } from '../../../processors/windows/detection-query.ts';
import { DetectionScheduler } from '../../../processors/windows/detection-scheduler.ts';
import type { AuditEvent } from '../../../schemas/audit-event.ts';
import { madeRule, madeVerdict } from '../../processors/findings/made-verdicts.ts';
import { hasChdb, temporaryDirectory } from '../../processors/store/chdb.ts';
import { auditEvent, statementOf } from '../../processors/store/events.ts';

const INJECTION = madeVerdict(madeRule('sqli.tautology', 'high'));
const directory = temporaryDirectory();
afterAll(() => directory.remove());

/** One embedded run over these events, each of which is an injection but every tenth. @returns What the store says at its end. */
async function run(events: readonly AuditEvent[], heard: string[] = []): Promise<unknown[]> {
  const store = await AuditStore.open({ kind: 'embedded', directory: directory.path });
  const detect: { verdict: Verdict } = { verdict: NO_VERDICT };
  const findings = new EmbeddedFindings({
    store,
    detect,
    isLive: false,
    onPart: (part) => heard.push(`${part.rule_id} ${part.events}`),
    onFailure: (error) => {
      throw error;
    },
    scheduler: (publish) =>
      new DetectionScheduler({
        client: store.queries!,
        detections: readDetections().filter(({ name }) => name === 'sqli-syntax-error-burst'),
        rule: (id) => madeRule(id, 'medium'),
        publish,
        onFailure: (_, error) => {
          throw error;
        },
        horizonS: null,
      }),
  });
  for (const [i, event] of events.entries()) {
    detect.verdict = i % 10 === 0 ? NO_VERDICT : INJECTION;
    store.add(event);
    findings.add(event);
    if (i === 1) findings.tick(1);
  }
  await findings.close();
  const rows = await store.queries!.rows(
    'SELECT events, arrayMap(r -> (r.rule_id, r.events), rules) AS rules, severity FROM findings',
  );
  await store.close();
  return rows;
}

/** Statements of one connection, of which the first of each ten ends with a syntax error of its own. */
function traffic(connection: number, count: number): AuditEvent[] {
  return Array.from({ length: count }, (_, i) =>
    auditEvent(connection, i, {
      connection: { ...auditEvent(connection, 0).connection, clientAddress: '10.0.1.1' },
      ...(i % 10 === 0 && { status: 'error', errorCode: 1064 }),
      statement: statementOf(`SELECT ${i} FROM t`),
    }),
  );
}

describe.skipIf(!hasChdb)('findings of an embedded run', () => {
  it('are in its store at the end, with those of sequences, and told of as soon as they are new', async () => {
    const heard: string[] = [];
    expect(await run(traffic(1, 100), heard)).toEqual([
      {
        events: 90,
        rules: [
          ['sqli.tautology', 90],
          ['sqli.syntax_error_burst', 10],
        ],
        severity: 'high',
      },
    ]);
    expect(heard).toEqual(['sqli.tautology 1', 'sqli.tautology 90', 'sqli.syntax_error_burst 10']);
  }, 60_000);

  it('are the same when the packets are read again, and more when others are', async () => {
    const [again] = await run(traffic(1, 100));
    expect(again).toMatchObject({ events: 90 });
    const [more] = await run(traffic(2, 50));
    expect(more).toMatchObject({
      events: 135,
      rules: [
        ['sqli.tautology', 135],
        ['sqli.syntax_error_burst', 15],
      ],
    });
  }, 60_000);
});
