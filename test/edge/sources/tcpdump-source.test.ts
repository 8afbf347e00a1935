import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseCapture } from '../../../edge/sources/choose-capture.ts';
import { TcpdumpSource } from '../../../edge/sources/tcpdump-source.ts';
import { buildPcap } from '../../support/capture-builder.ts';

// A tcpdump made of shell, found first in PATH, stands for the real one.
let folder: string;
const { PATH } = process.env;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sqltrail-tcpdump-'));
  writeFileSync(join(folder, 'one.pcap'), buildPcap([{ bytes: Buffer.alloc(5), time: 7n }]));
  vi.stubEnv('PATH', `${folder}${delimiter}${PATH}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function tcpdumpIs(script: string): void {
  const program = join(folder, 'tcpdump');
  writeFileSync(program, `#!/bin/sh\nfolder=${folder}\n${script}\n`);
  chmodSync(program, 0o755);
}

async function run(onListening: (stop: AbortController) => void = () => undefined) {
  const stop = new AbortController();
  const source = new TcpdumpSource({ interfaceName: 'eth7', ports: [3306], onListening: () => onListening(stop) });
  const lengths: number[] = [];
  await source.run(
    (_bytes, start, end) => lengths.push(end - start),
    () => undefined,
    stop.signal,
  );
  return { lengths, source };
}

describe('a tcpdump source', () => {
  it('delivers what tcpdump writes after the abort until it ends, and its last counters', async () => {
    tcpdumpIs(`
      trap 'tail -c +25 $folder/one.pcap; echo "3 packets received by filter
12 packets dropped by kernel
1 packet dropped by interface" >&2; exit 0' INT
      echo "tcpdump: listening on eth7" >&2
      cat $folder/one.pcap
      while :; do sleep 0.02; done`);
    const { lengths, source } = await run((stop) => stop.abort());
    expect(lengths).toEqual([5, 5]);
    expect(source.counters()).toEqual({
      packets: 2,
      bytes: 10,
      readBytes: 24 + 2 * 21,
      sizeBytes: null,
      droppedByKernel: 12,
      droppedByInterface: 1,
      truncated: false,
    });
  });

  it('captures where no pipe can be made', async () => {
    vi.stubEnv('TMPDIR', '/nonexistent');
    tcpdumpIs(`
      trap 'exit 0' INT
      cat $folder/one.pcap
      while :; do sleep 0.02; done`);
    const { lengths } = await run((stop) => stop.abort());
    expect(lengths).toEqual([5]);
  });

  it('does not wait for a tcpdump that goes on without its output', async () => {
    tcpdumpIs('exec >/dev/null; while :; do sleep 0.02; done');
    await expect(run()).rejects.toMatchObject({ code: 'capture_failed' });
  });

  it('captures without VLANs where the link type has none', async () => {
    tcpdumpIs(`
      case "$*" in *vlan*) echo "tcpdump: no VLAN support for Linux cooked v2" >&2; exit 1;; esac
      trap 'exit 0' INT
      cat $folder/one.pcap
      while :; do sleep 0.02; done`);
    const { lengths } = await run((stop) => stop.abort());
    expect(lengths).toEqual([5]);
  });

  it.each([
    [
      'tcpdump: eth7: No such device exists\n(No such device exists)',
      1,
      'interface_unknown',
      'there is no interface eth7',
      'Give one of these',
    ],
    ['tcpdump: eth7: That device is not up', 1, 'interface_unknown', 'interface eth7 is not up', 'Give one of these'],
    [
      "tcpdump: eth7: You don't have permission to perform this capture on that device",
      1,
      'capture_permission',
      'may not capture on eth7',
      'setcap',
    ],
    [
      'tcpdump: pcap_loop: The interface disappeared',
      1,
      'capture_failed',
      'ended by itself (pcap_loop: The interface disappeared)',
      'by hand',
    ],
    ['tcpdump: listening on eth7', 0, 'capture_failed', 'ended by itself (exit status 0)', 'by hand'],
  ])('says what is wrong when tcpdump says %j', async (stderr, status, code, message, cure) => {
    writeFileSync(join(folder, 'stderr'), stderr);
    tcpdumpIs(`cat $folder/stderr >&2; exit ${status}`);
    await expect(run()).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      cure: expect.stringContaining(cure),
    });
  });

  it('fails where tcpdump is killed in the middle, after delivering what it wrote', async () => {
    tcpdumpIs('cat $folder/one.pcap; kill -9 $$');
    const stop = new AbortController();
    const source = new TcpdumpSource({ interfaceName: 'eth7', ports: [3306] });
    const running = source.run(
      () => undefined,
      () => undefined,
      stop.signal,
    );
    await expect(running).rejects.toMatchObject({
      code: 'capture_failed',
      message: expect.stringContaining('signal SIGKILL'),
    });
    expect(source.counters().packets).toBe(1);
  });

  it('names the cure where tcpdump is not installed', async () => {
    vi.stubEnv('PATH', folder);
    await expect(run()).rejects.toMatchObject({
      code: 'capture_unavailable',
      message: 'tcpdump is not installed',
      cure: expect.stringContaining('--capture cap'),
    });
  });

  it('refuses ports that are none before it starts anything', async () => {
    const source = new TcpdumpSource({ interfaceName: 'eth7', ports: [0] });
    const running = source.run(
      () => undefined,
      () => undefined,
      new AbortController().signal,
    );
    await expect(running).rejects.toMatchObject({ code: 'usage' });
  });

  it('is chosen where its binary may capture, and left where it may not', async () => {
    tcpdumpIs('exit 0');
    expect((await chooseCapture('eth7')).capture).toBe('tcpdump');
    tcpdumpIs('echo "tcpdump: eth7: You don\'t have permission to perform this capture" >&2; exit 1');
    const choice = await chooseCapture('eth7');
    expect(choice.reason).toMatch(choice.capture === 'cap' ? /may not use tcpdump/ : /only way/);
  });
});
