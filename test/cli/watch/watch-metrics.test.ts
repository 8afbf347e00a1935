import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { watchMetrics } from '../../../cli/watch/watch-metrics.ts';
import { Watcher } from '../../../processors/watch/watcher.ts';
import { Metrics } from '../../../runtime/metrics.ts';
import { type FakeBehaviour, type FakeSession, startFakeMysql } from '../../processors/watch/fake-mysql.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const sessions = (count: number, nameOf: (i: number) => string): FakeSession[] =>
  Array.from({ length: count }, (_, i) => [i + 1, nameOf(i), `10.0.${i >> 8}.${i & 255}:40001`, null, 1]);

/** The metrics of a watcher after its first attempt at a server, by name and labels. */
async function metricsAfter(behaviour: Partial<FakeBehaviour>, isDown: boolean): Promise<string> {
  const fake = await startFakeMysql(behaviour);
  cleanups.push(() => fake.close());
  let attempts = 0;
  const watcher = new Watcher({
    intervalMs: 60_000,
    queryTimeoutMs: behaviour.delayMs === undefined ? 30_000 : 100,
    moreTasks: () => [],
    onSweep: () => {},
    onAttempt: () => {
      attempts++;
    },
    lookUp: () => Promise.reject(new Error('no names here')),
    nowMs: Date.now,
    random: () => 0,
  });
  cleanups.push(() => watcher.close());
  const metrics = new Metrics('watch');
  watchMetrics(metrics, watcher);
  const mysql = { host: '127.0.0.1', port: isDown ? 1 : fake.port, user: 'u', password: 'p', connectTimeoutMs: 30_000 };
  watcher.add({ names: { serverId: 'db7', addresses: [], port: 3306 }, mysql, clientAddresses: new Map() });
  while (attempts === 0) await sleep(10);
  return metrics.text();
}

describe('the metrics of a watcher', () => {
  it.each([
    ['is down', {}, true, 'unreachable'],
    ['takes 30 s for an answer', { delayMs: 30_000 }, false, 'slow'],
    ['refuses the login', { refusesLogin: true }, false, 'login_refused'],
    ['does not let its list be read', { refusesLists: 1227 }, false, 'not_allowed'],
    ['would show no sessions but the own ones', { lacksProcess: true }, false, 'not_allowed'],
  ] as const)('say of a server that %s what is wrong', async (_, behaviour, isDown, fault) => {
    const text = await metricsAfter(behaviour, isDown);
    expect(text).toMatch(/^sqltrail_watch_answering\{server="db7",service="watch"\} 0$/m);
    expect(text).toMatch(/^sqltrail_watch_connects_total\{server="db7",service="watch"\} 1$/m);
    const failed = [
      ...text.matchAll(/^sqltrail_watch_faults_total\{server="db7",fault="(\w+)",service="watch"\} 1$/gm),
    ];
    expect(failed.map((match) => match[1])).toEqual([fault]);
  });

  it.each([
    ['has 10,000 sessions', sessions(10_000, (i) => `u${i}`), 10_000],
    ['has garbage for names', sessions(3, (i) => `\u0000\u001b[2J"'\\😀\n${i}`), 3],
  ])('say of a server that %s how many there are, and no name', async (_, listed, count) => {
    const text = await metricsAfter({ sessions: listed }, false);
    expect(text).toMatch(/^sqltrail_watch_answering\{server="db7",service="watch"\} 1$/m);
    expect(text).toContain(`sqltrail_watch_sessions{server="db7",service="watch"} ${count}\n`);
    expect(text).not.toMatch(/^sqltrail_watch_faults_total\{.*\} [^0]/m);
    for (const line of text.split('\n').filter((each) => each.startsWith('sqltrail_watch_')))
      expect(line).toMatch(/^sqltrail_watch_\w+\{server="db7",(fault="\w+",)?service="watch"\} [\d.]+$/);
  });
});
