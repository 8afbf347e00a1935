import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { madeOnce } from '../../support/made-once.ts';

const FOLDER = 'deploy/prometheus';

/** Out of Debian's package, without its daemon. */
function promtool(): string {
  const folder = madeOnce('promtool', (made) => {
    const options = { cwd: made, stdio: 'ignore' } as const;
    execFileSync('apt-get', ['update'], options);
    execFileSync('apt-get', ['download', 'prometheus'], options);
    const archive = readdirSync(made).find((name) => name.endsWith('.deb'))!;
    execFileSync('dpkg', ['-x', archive, '.'], options);
  });
  return join(folder, 'usr', 'bin', 'promtool');
}

describe('the example alerts', () => {
  it('are rules to Prometheus, and alert when they should and only then', () => {
    const run = (...args: string[]) => execFileSync(promtool(), args, { cwd: FOLDER, encoding: 'utf8' });
    expect(run('check', 'rules', 'sqltrail.rules.yml')).toMatch(/SUCCESS: \d+ rules found/);
    expect(run('test', 'rules', 'sqltrail.rules.test.yml')).toContain('SUCCESS');
  });
});
