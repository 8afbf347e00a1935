import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServerCounters } from '../../../../processors/watch/counters/server-counters.ts';
import type { AccountSample, ServerSample } from '../../../../processors/watch/counters/server-sample.ts';
import type { ServerMinute } from '../../../../schemas/server-minute.ts';

/** 14:00:00 of some day. */
const START = Date.UTC(2026, 0, 1, 14);

interface Reading {
  /** Seconds after 14:00. */
  at: number;
  questions: number | bigint;
  uptime?: number;
  own?: number;
  connectionId?: number;
  steady?: number;
  tookMs?: number;
  further?: Record<string, number>;
  accounts?: AccountSample[] | null;
}

function sample(reading: Reading): ServerSample {
  const { at, questions, further = {} } = reading;
  return {
    atMs: START + at * 1000,
    tookMs: reading.tookMs ?? 2,
    steadyMs: (reading.steady ?? at) * 1000,
    uptimeS: reading.uptime ?? 100_000 + Math.floor(at),
    connectionId: reading.connectionId ?? 7,
    ownQuestions: BigInt(reading.own ?? 0),
    counters: new Map([
      ['questions', BigInt(questions)],
      ...Object.entries(further).map(([name, value]) => [name, BigInt(value)] as const),
    ]),
    accounts: reading.accounts ?? null,
  };
}

/** The last word on each minute, by its number after 14:00. */
function minutesOf(...readings: Reading[]): Record<number, ServerMinute> {
  const counters = new ServerCounters('db1', 'watch 1');
  const minutes: Record<number, ServerMinute> = {};
  for (const reading of readings) {
    counters.add(sample(reading));
    for (const minute of counters.changed()) minutes[(minute.minuteMs - START) / 60_000] = minute;
  }
  return minutes;
}

describe('ServerCounters', () => {
  it('counts what lies between two starts of minutes into the minute', () => {
    const minutes = minutesOf(
      { at: 0, questions: 1000, own: 5, further: { com_select: 10, com_insert: 4, bytes_sent: 9 } },
      { at: 30, questions: 1100, own: 9, further: { com_select: 20, com_insert: 4, bytes_sent: 19 } },
      { at: 60, questions: 1300, own: 13, further: { com_select: 50, com_insert: 4, bytes_sent: 20 } },
    );
    expect(minutes).toEqual({
      0: {
        serverId: 'db1',
        minuteMs: START,
        origin: 'watch 1',
        measuredMs: 60_000,
        uncertaintyMs: 1,
        restarts: 0,
        flushes: 0,
        questions: 300,
        queries: 0,
        connections: 0,
        abortedConnects: 0,
        bytesReceived: 0,
        bytesSent: 11,
        sslAccepts: 0,
        ownQuestions: 8,
        peakPerSecond: 7,
        commands: { select: 40 },
        channels: {},
        version: START + 60_000,
      },
    });
  });

  it('takes a reading within a second of the start of a minute as made there, and says how far off it was', () => {
    const minutes = minutesOf(
      { at: 0.4, questions: 0, tookMs: 20 },
      { at: 59.2, questions: 590 },
      { at: 120.1, questions: 600, tookMs: 600 },
    );
    expect(minutes[0]).toMatchObject({ measuredMs: 60_000, questions: 590, uncertaintyMs: 801 });
    expect(minutes[1]).toMatchObject({ measuredMs: 60_000, questions: 10, uncertaintyMs: 801 });
  });

  it('divides what lies between readings on both sides of the start of a minute by time, and says how uncertain that is', () => {
    const minutes = minutesOf({ at: 30, questions: 0 }, { at: 90, questions: 101 });
    expect(minutes[0]).toMatchObject({ measuredMs: 30_000, questions: 50, uncertaintyMs: 60_000 });
    expect(minutes[1]).toMatchObject({ measuredMs: 30_000, questions: 51, uncertaintyMs: 60_000 });
  });

  it('divides a missed sample over its minutes: the sum stays what the server counted', () => {
    const minutes = minutesOf({ at: 0, questions: 7 }, { at: 300, questions: 1_007 });
    expect(Object.values(minutes).map(({ questions }) => questions)).toEqual([200, 200, 200, 200, 200]);
    expect(minutes[2]).toMatchObject({ measuredMs: 60_000, uncertaintyMs: 300_000 });
  });

  it('begins anew with a server that was started anew, and calls only the time since measured', () => {
    const minutes = minutesOf(
      { at: 0, questions: 50_000 },
      { at: 10, questions: 60_000, uptime: 100_010 },
      { at: 20, questions: 30, uptime: 4, own: 2, connectionId: 3 },
      { at: 60, questions: 130, uptime: 44, own: 4, connectionId: 3 },
    );
    expect(minutes[0]).toMatchObject({
      questions: 10_130,
      restarts: 1,
      flushes: 0,
      measuredMs: 54_000,
      ownQuestions: 4,
    });
  });

  it('does not take a clock of the server that was set back for a new start', () => {
    const minutes = minutesOf({ at: 0, questions: 500, uptime: 4_000 }, { at: 60, questions: 600, uptime: 460 });
    expect(minutes[0]).toMatchObject({ questions: 100, restarts: 0, measuredMs: 60_000 });
  });

  it('counts what came since counters were set back, and says that they were', () => {
    const minutes = minutesOf(
      { at: 0, questions: 500, further: { aborted_connects: 9 } },
      { at: 60, questions: 600, further: { aborted_connects: 2 } },
      { at: 120, questions: 40, further: { aborted_connects: 2 } },
    );
    expect(minutes[0]).toMatchObject({
      questions: 100,
      abortedConnects: 2,
      flushes: 1,
      restarts: 0,
      measuredMs: 60_000,
    });
    expect(minutes[1]).toMatchObject({ questions: 40, flushes: 1, restarts: 0, measuredMs: 0 });
  });

  it('counts on over the end of 32 and of 64 bits', () => {
    for (const bits of [32n, 64n]) {
      const minutes = minutesOf({ at: 0, questions: (1n << bits) - 30n }, { at: 60, questions: 12 });
      expect(minutes[0]).toMatchObject({ questions: 42, flushes: 0, measuredMs: 60_000 });
    }
  });

  it('counts into the minute of the later reading alone where its own clock was set', () => {
    const ahead = minutesOf({ at: 0, questions: 0 }, { at: 3600 + 20, steady: 10, questions: 100 });
    expect(ahead).toEqual({ 60: expect.objectContaining({ questions: 100, measuredMs: 10_000 }) });
    const back = minutesOf({ at: 3600, steady: 0, questions: 0 }, { at: 20, steady: 10, questions: 100 });
    expect(back).toEqual({ 0: expect.objectContaining({ questions: 100, measuredMs: 10_000 }) });
  });

  it('counts all own statements of a new connection, and the gain of an old one', () => {
    const minutes = minutesOf(
      { at: 0, questions: 0, own: 40 },
      { at: 20, questions: 10, own: 43 },
      { at: 60, questions: 20, own: 4, connectionId: 8 },
    );
    expect(minutes[0]?.ownQuestions).toBe(7);
  });

  it('tells again of minutes that could not be published', () => {
    const counters = new ServerCounters('db1', 'watch 1');
    counters.add(sample({ at: 0, questions: 0 }));
    counters.add(sample({ at: 60, questions: 5 }));
    const minutes = counters.changed();
    expect(counters.changed()).toEqual([]);
    counters.unpublished(minutes);
    expect(counters.changed()).toEqual(minutes);
  });

  it('adds up to what the server counted, however the readings lie', () => {
    const gaps = fc.array(fc.tuple(fc.integer({ min: 0, max: 400_000 }), fc.integer({ min: 0, max: 10_000 })), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(gaps, (steps) => {
        let at = 0.25;
        let questions = 10;
        const readings: Reading[] = [{ at, questions }];
        for (const [afterMs, gain] of steps) {
          at += afterMs / 1000;
          questions += gain;
          readings.push({ at, questions, further: { com_select: questions } });
        }
        const minutes = Object.values(minutesOf(...readings));
        const sum = minutes.reduce((total, minute) => total + minute.questions, 0);
        expect(sum).toBe(questions - 10);
        for (const minute of minutes) {
          expect(minute.measuredMs).toBeLessThanOrEqual(60_000);
          expect(minute.measuredMs).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

describe('ServerCounters, for how statements came', () => {
  const account = (
    user: string,
    questions: number,
    sessions: Partial<Record<'tcp' | 'tls' | 'socket', number>>,
    host = '10.0.0.1',
  ): AccountSample => ({
    user,
    host,
    questions: BigInt(questions),
    sessions: new Map(Object.entries(sessions)) as AccountSample['sessions'],
    threads: null,
    isOwn: user === 'watch',
  });
  const channels = (...readings: Omit<Reading, 'at'>[]) =>
    minutesOf(...readings.map((reading, i) => ({ ...reading, at: i * 10 })))[0]?.channels;

  it('puts an account to the way of all its sessions, those that came and went between included', () => {
    expect(
      channels(
        { questions: 0, accounts: [account('app', 10, { tls: 2 }), account('plain', 5, { tcp: 1 })] },
        { questions: 90, accounts: [account('app', 70, {}), account('plain', 35, { tcp: 3 })] },
      ),
    ).toEqual({ tls: 60, tcp: 30 });
  });

  it('remembers how the sessions of an account came that is seen no more', () => {
    expect(
      channels(
        { questions: 0, accounts: [account('app', 0, { tls: 1 })] },
        { questions: 0, accounts: [account('app', 0, {})] },
        { questions: 8, accounts: [account('app', 8, {})] },
      ),
    ).toEqual({ tls: 8 });
  });

  it('takes localhost for the socket, and says nothing of an account that it never saw', () => {
    expect(
      channels(
        { questions: 0, accounts: [] },
        { questions: 12, accounts: [account('root', 5, {}, 'localhost'), account('ghost', 7, {})] },
      ),
    ).toEqual({ socket: 5 });
  });

  it('divides an account whose sessions came in several ways as these are', () => {
    expect(
      channels(
        { questions: 0, accounts: [account('app', 0, { tls: 3, tcp: 1 })] },
        { questions: 10, accounts: [account('app', 10, { tls: 3, tcp: 1 })] },
      ),
    ).toEqual({ tls: 8, tcp: 2 });
  });

  it('believes each session that tells for itself, and divides only what sessions ran that are over', () => {
    const threads = (...all: [id: number, channel: 'tcp' | 'tls', questions: number][]): AccountSample['threads'] =>
      new Map(all.map(([id, channel, questions]) => [id, { channel, questions: BigInt(questions) }]));
    const app = account('app', 100, { tls: 1, tcp: 1 });
    expect(
      channels(
        { questions: 0, accounts: [{ ...app, threads: threads([1, 'tls', 60], [2, 'tcp', 40]) }] },
        {
          questions: 50,
          accounts: [{ ...app, questions: 150n, threads: threads([1, 'tls', 100], [3, 'tcp', 4]) }],
        },
      ),
      // 40 and 4 told, the 6 left by halves.
    ).toEqual({ tls: 43, tcp: 7 });
  });

  it('leaves out the watcher itself', () => {
    expect(
      channels(
        { questions: 0, own: 2, accounts: [account('watch', 2, { tcp: 1 })] },
        { questions: 4, own: 6, accounts: [account('watch', 6, { tcp: 1 })] },
      ),
    ).toEqual({});
  });

  it('says nothing where the server does not', () => {
    expect(channels({ questions: 0, accounts: [] }, { questions: 4, accounts: null })).toEqual({});
  });
});
