import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import { type DetectionQuery, readDetections } from '../../../processors/windows/detection-query.ts';
import { DetectionScheduler, type SchedulerParts } from '../../../processors/windows/detection-scheduler.ts';
import type { Finding } from '../../../schemas/finding.ts';
import { madeRule } from '../findings/made-verdicts.ts';
import { hasChdb, temporaryDirectory } from '../store/chdb.ts';
import { DAY_START_US, MadeDay, MINUTE_US } from './made-day.ts';

const GUESS = readDetections().filter(({ name }) => name === 'bruteforce-guess');
/** Finds minutes of an odd number of failed logins, so that a late one may undo a finding. */
const ODD: DetectionQuery = {
  name: 'odd',
  title: 'Odd',
  description: '',
  rule: 'bruteforce.odd',
  steps: 0,
  sql: 'SELECT * FROM (SELECT *, toStartOfMinute(event_time) AS window_start, count() OVER (PARTITION BY window_start) AS n FROM detection_facts WHERE event_time >= {first} AND event_time < {until} AND error_code = 1045) WHERE n % 2 = 1',
};
const ATTACKER = { user: 'root', client: '203.0.113.9' };

describe.skipIf(!hasChdb)('the scheduler of detections', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let store: AuditStore;

  beforeEach(async () => {
    directory = temporaryDirectory();
    store = await AuditStore.open({ kind: 'embedded', directory: directory.path }, { marksEachBatch: true });
  });
  afterEach(async () => {
    await store.close();
    directory.remove();
  });

  function scheduler(detections: readonly DetectionQuery[], parts: Partial<SchedulerParts> = {}): DetectionScheduler {
    return new DetectionScheduler({
      client: store.queries!,
      detections,
      rule: (id) => madeRule(id, 'medium'),
      publish,
      onFailure: (_, error) => {
        throw error;
      },
      horizonS: null,
      ...parts,
    });
  }

  async function publish(parts: readonly Finding[]): Promise<void> {
    for (const part of parts) store.addFinding(part);
    await store.flush();
  }

  /** Failed logins, one a second. */
  async function fail(fromUs: number, count: number): Promise<void> {
    const day = new MadeDay();
    for (let i = 0; i < count; i++) day.login(fromUs + i * 1_000_000, ATTACKER, 1045);
    for (const event of day.events) {
      event.sequence += Math.round(fromUs / 1000) % 1_000_000_000;
      store.add(event);
    }
    await store.flush();
  }

  async function found(): Promise<unknown[]> {
    const rows = await store.queries!.rows(
      'SELECT events, toString(first_seen) AS first, toString(last_seen) AS last FROM findings ORDER BY first_seen',
    );
    return rows.map((row) => [row['events'], String(row['first']).slice(11, 19), String(row['last']).slice(11, 19)]);
  }

  it('evaluates a window once, and again when facts came late', async () => {
    await fail(DAY_START_US + 50_000_000, 20);
    const one = scheduler(GUESS);
    // Ten seconds before the minute and ten behind: both minutes have facts of their own.
    expect(await one.turn()).toEqual({ windows: 2, parts: 2 });
    expect(await found()).toEqual([[20, '00:00:50', '00:01:09']]);
    expect(await one.turn()).toEqual({ windows: 0, parts: 0 });
    await fail(DAY_START_US + 70_000_000, 5);
    expect(await one.turn()).toEqual({ windows: 1, parts: 1 });
    expect(await found()).toEqual([[25, '00:00:50', '00:01:14']]);
    // Late for the first minute, which makes it one of guessing by itself: nothing is counted twice.
    await fail(DAY_START_US + 20_000_000, 10);
    expect((await one.turn()).windows).toBe(2);
    expect(await found()).toEqual([[35, '00:00:20', '00:01:14']]);
  });

  it('asks what a detection is about only where there are facts of that', async () => {
    const asked: string[] = [];
    const queries = store.queries!;
    const client = {
      command: (sql: string) => queries.command(sql),
      rows: (sql: string) => {
        asked.push(sql);
        return queries.rows(sql);
      },
    };
    const evaluations = () => asked.filter((sql) => sql.includes('detection_facts')).length;
    const day = new MadeDay();
    for (let i = 0; i < 20; i++) day.login(DAY_START_US + i * 1_000_000, ATTACKER);
    for (const event of day.events) store.add(event);
    await store.flush();
    expect(await scheduler(GUESS, { client }).turn()).toEqual({ windows: 1, parts: 0 });
    expect(evaluations()).toBe(0);
    await fail(DAY_START_US + MINUTE_US, 20);
    expect(await scheduler(GUESS, { client }).turn()).toEqual({ windows: 1, parts: 1 });
    expect(evaluations()).toBe(1);
  });

  it('does not do again what another process did', async () => {
    await fail(DAY_START_US, 30);
    expect((await scheduler(GUESS).turn()).windows).toBe(1);
    expect((await scheduler(GUESS).turn()).windows).toBe(0);
    const forgetful = scheduler(GUESS);
    await fail(DAY_START_US + 5 * MINUTE_US, 15);
    expect((await forgetful.turn()).windows).toBe(1);
    expect(await found()).toEqual([[45, '00:00:00', '00:05:14']]);
  });

  it('comes to the same where two work at once', async () => {
    await fail(DAY_START_US, 30);
    await Promise.all([scheduler(GUESS).turn(), scheduler(GUESS).turn(), scheduler(GUESS).turn()]);
    expect(await found()).toEqual([[30, '00:00:00', '00:00:29']]);
  });

  it('does a window again that it died in', async () => {
    await fail(DAY_START_US, 30);
    const dying = scheduler(GUESS, {
      publish: async (parts) => {
        await publish(parts);
        throw new Error('killed');
      },
      onFailure: () => {},
    });
    await dying.turn();
    expect((await scheduler(GUESS).turn()).windows).toBe(1);
    expect(await found()).toEqual([[30, '00:00:00', '00:00:29']]);
  });

  it('takes back what late facts undo', async () => {
    await fail(DAY_START_US, 3);
    await scheduler([ODD]).turn();
    expect(await found()).toEqual([[3, '00:00:00', '00:00:02']]);
    await fail(DAY_START_US + 30_000_000, 1);
    expect(await scheduler([ODD]).turn()).toEqual({ windows: 1, parts: 1 });
    expect(await found()).toEqual([]);
  });

  it('waits for the end of a minute and its stragglers, but not where nothing follows', async () => {
    await fail(Date.now() * 1000 - 11_000_000, 11);
    expect((await scheduler(GUESS).turn()).windows).toBe(0);
    expect((await scheduler(GUESS).turn({ isLast: true })).windows).toBeGreaterThan(0);
    expect(await found()).toHaveLength(1);
  });

  it('looks at what was recorded lately, however old it is, and leaves out what is suppressed or disabled', async () => {
    await fail(DAY_START_US, 30);
    expect((await scheduler(GUESS, { horizonS: 0 }).turn()).windows).toBe(0);
    expect(await scheduler(GUESS, { horizonS: 3600, publish: async () => {} }).turn()).toEqual({
      windows: 1,
      parts: 1,
    });
    await fail(DAY_START_US + 40_000_000, 1);
    expect((await scheduler(GUESS, { rule: () => undefined }).turn()).windows).toBe(0);
    const suppressing = scheduler(GUESS, { isSuppressed: ({ client_address }) => client_address === ATTACKER.client });
    expect(await suppressing.turn()).toEqual({ windows: 1, parts: 0 });
    expect(await found()).toEqual([]);
  });

  it('goes on with the others where one cannot be evaluated, and tries it again', async () => {
    await fail(DAY_START_US, 30);
    const failures: string[] = [];
    const wrong = { ...ODD, name: 'wrong', sql: 'SELECT nothing FROM nowhere WHERE {first} < {until}' };
    const one = scheduler([wrong, ...GUESS], { onFailure: (name) => failures.push(name) });
    expect((await one.turn()).windows).toBe(1);
    await one.turn();
    expect(failures).toEqual(['wrong', 'wrong']);
    expect(await found()).toHaveLength(1);
  });
});
