import { beforeAll, expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { ensureInstalled } from '../support/packages.ts';

/** User nobody, who may read the program's files wherever they are, but may not capture. */
const AS_NOBODY = [
  'setpriv',
  '--reuid=65534',
  '--regid=65534',
  '--clear-groups',
  '--inh-caps=+dac_read_search',
  '--ambient-caps=+dac_read_search',
  '--',
];

beforeAll(() => ensureInstalled('tcpdump'));

test.each(['tcpdump', 'cap'])('a capture with %s without the right to capture fails with the cure', async (how) => {
  const args = ['run', '-i', 'lo', '--capture', how, '--store', 'none', '--format', 'none'];
  const outcome = await runCli(args, { wrapper: AS_NOBODY });
  expect(outcome.code, outcome.stderr).toBe(1);
  expect(outcome.stderr).toMatch(/root|CAP_NET_RAW|cap_net_raw/);
  expect(outcome.stderr).not.toMatch(/^\s+at /m);
});

test.each(['tcpdump', 'cap'])(
  'a capture with %s on an unknown interface fails and names the known ones',
  async (how) => {
    const outcome = await runCli(['run', '-i', 'nosuch0', '--capture', how, '--store', 'none', '--format', 'none']);
    expect(outcome.code, outcome.stderr).toBe(1);
    expect(outcome.stderr).toContain('nosuch0');
    expect(outcome.stderr).toMatch(/\blo\b/);
  },
);
