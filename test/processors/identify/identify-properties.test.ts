import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Identify } from '../../../processors/identify/identify.ts';
import { SessionTable } from '../../../processors/identify/session-table.ts';
import type { ListedSession } from '../../../processors/watch/process-list.ts';
import { SessionChanges } from '../../../processors/watch/session-changes.ts';
import { type CaptureSpan, capturedSteps, type Step, type TrueConnection, userAt } from './timeline.ts';

const START_S = 1_000_000;
const LENGTH_S = 200;
/** A hole in the capture hides ends and beginnings: whoever takes the port of an idle one meanwhile is this much later. */
const HIDDEN_REUSE_S = 4.5;

const connectionPlan = fc.record({
  pauseS: fc.oneof(fc.double({ min: 0.001, max: 0.5, noNaN: true }), fc.double({ min: 0.5, max: 20, noNaN: true })),
  lengthS: fc.oneof(fc.double({ min: 0.05, max: 3, noNaN: true }), fc.double({ min: 3, max: 120, noNaN: true })),
  statements: fc.array(fc.double({ min: 0.01, max: 0.97, noNaN: true }), { maxLength: 8 }),
  change: fc.option(fc.double({ min: 0.1, max: 0.9, noNaN: true }), { freq: 4 }),
  isTls: fc.boolean(),
});

const timeline = fc.record({
  ports: fc.array(fc.array(connectionPlan, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 }),
  captureFromS: fc.double({ min: 0, max: 60, noNaN: true }),
  holeAtS: fc.double({ min: 70, max: 150, noNaN: true }),
  holeS: fc.double({ min: 0, max: 30, noNaN: true }),
  watchFromS: fc.double({ min: 0, max: 120, noNaN: true }),
  everyS: fc.constantFrom(5, 10),
  answerS: fc.double({ min: 0.001, max: 3, noNaN: true }),
  skewS: fc.double({ min: -0.4, max: 0.4, noNaN: true }),
  delayS: fc.double({ min: 0.05, max: 2, noNaN: true }),
});

type Plan = typeof timeline extends fc.Arbitrary<infer T> ? T : never;

function truth({ ports, holeAtS, holeS }: Plan): TrueConnection[] {
  const connections: Omit<TrueConnection, 'id'>[] = [];
  for (const [port, plans] of ports.entries()) {
    let atS = START_S;
    let lastS = Number.NEGATIVE_INFINITY;
    for (const [number, plan] of plans.entries()) {
      let openS = atS + plan.pauseS;
      const isHidden = atS >= START_S + holeAtS && atS <= START_S + holeAtS + holeS;
      if (isHidden) openS = Math.max(openS, lastS + HIDDEN_REUSE_S);
      const closeS = openS + plan.lengthS;
      const statements = plan.statements.map((share) => openS + share * plan.lengthS);
      // Within TLS nobody sees it: the list shows the last user, and the login is taken for his.
      const changeS = plan.change === null || plan.isTls ? null : openS + plan.change * plan.lengthS;
      lastS = Math.max(openS, ...statements, changeS ?? 0);
      const user = `u${port}-${number}`;
      connections.push({
        port: 40_000 + port,
        openS,
        closeS,
        user,
        statements,
        changeS,
        changedUser: `${user}-changed`,
        isTls: plan.isTls,
      });
      atS = closeS;
    }
  }
  return connections.sort((a, b) => a.openS - b.openS).map((each, i) => ({ ...each, id: i + 10 }));
}

/** The server's process list as of a moment; Time in whole seconds, as the difference of two. */
function listAt(connections: readonly TrueConnection[], nowS: number): ListedSession[] {
  return connections
    .filter(({ openS, closeS }) => openS <= nowS && nowS < closeS)
    .map((each) => {
      const busy = [each.openS, ...each.statements.map((timeS) => timeS + 0.01), each.changeS ?? 0];
      const lastS = Math.max(...busy.filter((timeS) => timeS <= nowS));
      const time = Math.floor(nowS) - Math.floor(lastS);
      return {
        connectionId: each.id,
        userName: userAt(each, nowS),
        client: { host: '10.0.0.7', port: each.port },
        databaseName: '',
        inStateUs: Math.max(0, time - 1) * 1e6,
      };
    });
}

interface Outcome {
  wrong: string[];
  named: number;
  missed: string[];
}

function play(plan: Plan): Outcome {
  const connections = truth(plan);
  const holeFromS = START_S + plan.holeAtS;
  const spans: CaptureSpan[] = [
    { fromS: START_S + plan.captureFromS, toS: holeFromS },
    { fromS: holeFromS + plan.holeS, toS: START_S + LENGTH_S },
  ];
  const steps: Step[] = capturedSteps(connections, spans, plan.delayS);
  for (let atS = START_S + plan.watchFromS; atS < START_S + LENGTH_S + 60; atS += plan.everyS)
    steps.push({ atS, kind: 'reading' });
  for (let atS = START_S; atS < START_S + LENGTH_S + 60; atS++) steps.push({ atS, kind: 'poll' });
  steps.sort((a, b) => a.atS - b.atS);

  const table = new SessionTable();
  const changes = new SessionChanges({ serverId: 'db7', addresses: [], port: 3306 });
  const byUid = new Map<string, TrueConnection>();
  const outcome: Outcome = { wrong: [], named: 0, missed: [] };
  const identify = new Identify({
    table,
    onIdentity: (identity) => {
      outcome.named++;
      const connection = byUid.get(identity.connectionUid)!;
      const untilS = Math.min(identity.userUntilUs / 1e6, identity.lastUs / 1e6);
      for (const timeS of [identity.firstUs / 1e6, ...connection.statements]) {
        if (timeS < identity.firstUs / 1e6 || timeS >= untilS) continue;
        if (userAt(connection, timeS) !== identity.userName) outcome.wrong.push(`${identity.userName} at ${timeS}`);
      }
    },
  });
  const clock = (timeS: number) => (timeS + plan.skewS) * 1e6;
  const loggedInUs = clock(START_S + plan.watchFromS);
  const ownId = 10 + connections.filter(({ openS }) => openS <= START_S + plan.watchFromS).length - 0.5;
  changes.loggedIn(
    {
      serverId: 'db7',
      version: '8.4.0',
      isMariaDb: false,
      versionNumber: 80_400,
      hasPerformanceSchema: false,
      connectionId: ownId,
      startedUs: clock(START_S - 1000),
      loggedInUs,
    },
    loggedInUs,
  );
  const readings: { askedS: number; answeredS: number }[] = [];
  for (const step of steps) {
    switch (step.kind) {
      case 'reading': {
        const answeredS = step.atS + plan.answerS;
        const listed = listAt(connections, step.atS + plan.answerS / 2);
        const reading = { askedUs: clock(step.atS), answeredUs: clock(answeredS) };
        const sweep = changes.sweep(
          listed,
          reading,
          (host) => [host],
          () => undefined,
        );
        for (const record of sweep.sessions) table.addSession(record);
        for (const id of sweep.gone) table.removeSession('db7', id);
        table.endReading(sweep.server);
        readings.push({ askedS: step.atS, answeredS });
        break;
      }
      case 'event': {
        const event = step.event!;
        const connection = step.truth!;
        byUid.set(step.uid!, connection);
        const before = event.userNameSource;
        identify.apply(event);
        const timeS = step.timeS!;
        if (event.userName !== '' && event.userName !== userAt(connection, timeS))
          outcome.wrong.push(`event ${event.userName} at ${timeS} of ${userAt(connection, timeS)}`);
        // Seen by a reading and speaking behind it by more than clocks may be apart: then there is no doubt.
        const firstS = Math.max(spans.find(({ toS }) => timeS <= toS)!.fromS, connection.openS);
        const seen = readings.find(
          ({ askedS, answeredS }) =>
            askedS > firstStatementS(connection, firstS) + 2 && answeredS + 2 < timeS && connection.changeS === null,
        );
        if (before === 'unknown' && seen !== undefined && event.userName === '') outcome.missed.push(`at ${timeS}`);
        break;
      }
      case 'end':
        identify.ended(step.uid!, step.atS * 1e6 - plan.delayS * 1e6);
        break;
      case 'poll':
        identify.poll(step.atS * 1000, true);
    }
  }
  return outcome;
}

function firstStatementS(connection: TrueConnection, fromS: number): number {
  return Math.min(...connection.statements.filter((timeS) => timeS >= fromS));
}

describe('Identify', () => {
  it('names no connection wrongly, whatever ports are used again, and names each that speaks around a reading', () => {
    let named = 0;
    fc.assert(
      fc.property(timeline, (plan) => {
        const outcome = play(plan);
        expect(outcome.wrong).toEqual([]);
        expect(outcome.missed).toEqual([]);
        named += outcome.named;
      }),
      { numRuns: 300 },
    );
    expect(named).toBeGreaterThan(100);
  });
});
