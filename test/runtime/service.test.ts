import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('./a-service.ts', import.meta.url));
const LONG_MS = 60_000;
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function start(behaviour: string, deadlineMs: number) {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, behaviour, String(deadlineMs)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const listener of listeners) listener();
  });
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (holds()) resolve();
      };
      listeners.add(check);
      child.once('close', () => reject(new Error(`it ended before: ${stdout}${stderr}`)));
      check();
    });
  /** On standard output. */
  const said = (text: string) => until(() => stdout.includes(text));
  /** In its log. */
  const heard = (text: string) => until(() => stderr.includes(text));
  const ended = once(child, 'close').then(([code]) => {
    const log = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    return { code: code as number | null, stdout, stderr, last: log.at(-1)! };
  });
  return { child, said, heard, ended, port: () => /working on (\d+)/.exec(stdout)![1] };
}

describe('the end of a service', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('is in order after the first %s, with status 0', async (signal) => {
    const { child, said, ended } = start('drain', LONG_MS);
    await said('working');
    child.kill(signal);
    const { code, stdout, last } = await ended;
    expect(code).toBe(0);
    expect(stdout).toContain('drained');
    expect(last).toMatchObject({ level: 'info', reason: signal, deadline_ms: LONG_MS });
  });

  it('does not come with SIGHUP, which is for rules: a service without any says so', async () => {
    const { child, said, ended, heard } = start('hang', LONG_MS);
    await said('working');
    child.kill('SIGHUP');
    await heard('SIGHUP');
    child.kill('SIGTERM');
    await said('stopping');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 1, last: { reason: 'SIGTERM' } });
  });

  it('leaves it alive but not ready while it finishes its work', async () => {
    const { child, said, port } = start('hang', LONG_MS);
    await said('working on');
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${port()}${path}`)).status;
    expect([await status('/livez'), await status('/readyz')]).toEqual([200, 200]);
    child.kill('SIGTERM');
    await said('stopping');
    expect([await status('/livez'), await status('/readyz')]).toEqual([200, 503]);
  });

  it('comes with status 1 and a sentence when the work takes longer than the deadline', async () => {
    const { child, said, ended } = start('hang', 50);
    await said('working');
    child.kill('SIGTERM');
    const { code, last } = await ended;
    expect(code).toBe(1);
    expect(last).toMatchObject({ level: 'error', msg: expect.stringContaining('not finished within the deadline') });
  });

  it('comes at once with a second signal', async () => {
    const { child, said, ended } = start('hang', LONG_MS);
    await said('working');
    child.kill('SIGTERM');
    await said('stopping');
    child.kill('SIGINT');
    const { code, last } = await ended;
    expect(code).toBe(1);
    expect(last).toMatchObject({ level: 'warn', reason: 'SIGINT' });
  });

  it('can be begun by the service itself', async () => {
    const { code, stdout, last } = await start('stop', LONG_MS).ended;
    expect(code).toBe(0);
    expect(stdout).toContain('drained');
    expect(last).toMatchObject({ reason: 'the files are read' });
  });

  it('comes with status 1 and a line of log after a failure that nobody handles, without the data in it', async () => {
    const thrown = await start('throw', LONG_MS).ended;
    expect(thrown.code).toBe(1);
    expect(thrown.last).toMatchObject({ level: 'error', kind: 'SyntaxError' });
    expect(thrown.stderr).not.toContain('hunter2');
    const rejected = await start('reject', LONG_MS).ended;
    expect(rejected.code).toBe(1);
    expect(rejected.last).toMatchObject({ level: 'error', problem: 'x is not a function' });
  });
});
