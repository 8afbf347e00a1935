import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../cli/config/load-config.ts';
import { misfitsOf } from '../support/command-line.ts';

const FOLDER = 'deploy/systemd';
const units = readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(`${FOLDER}/${name}`, 'utf8') }));

/** Values of a setting of a unit. */
function valuesOf(text: string, setting: string): string[] {
  return [...text.matchAll(new RegExp(`^${setting}=(.*)$`, 'gm'))].map((match) => match[1]!);
}

/** What `Environment=` sets. */
function environmentOf(text: string): Record<string, string> {
  const words = valuesOf(text, 'Environment').flatMap((value) => value.split(' '));
  return Object.fromEntries(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
}

describe('systemd units', () => {
  it('start command lines that the program takes', async () => {
    expect(units.map(({ name }) => name)).toEqual([
      'sqltrail-alert.service',
      'sqltrail-edge.service',
      'sqltrail-process.service',
      'sqltrail-store.service',
      'sqltrail-watch.service',
    ]);
    for (const { name, text } of units) {
      const [line = ''] = valuesOf(text, 'ExecStart');
      expect([name, await misfitsOf(line.split(' ').slice(1))]).toEqual([name, []]);
    }
  });

  it('set only what the configuration knows, and a port of its own for each', () => {
    const ports = units.map(({ text }) => loadConfig(undefined, environmentOf(text)).http.port);
    expect(new Set(ports).size).toBe(units.length);
  });

  it('give a service longer to stop than it takes by itself', () => {
    const deadline = loadConfig(undefined, {}).shutdown_deadline_s;
    for (const { text } of units) expect(Number(valuesOf(text, 'TimeoutStopSec')[0])).toBeGreaterThan(deadline);
  });

  it('leave the edge the right to capture and the others none', () => {
    const rights = units.map(({ name, text }) => [name, valuesOf(text, 'CapabilityBoundingSet').join()]);
    expect(rights.filter(([, given]) => given !== '')).toEqual([['sqltrail-edge.service', 'CAP_NET_RAW']]);
  });

  it('end the edge above the ceilings that it keeps by itself, not below', () => {
    const edge = units.find(({ name }) => name === 'sqltrail-edge.service');
    const limits = loadConfig(undefined, {}).edge.limits;
    const [quota = '', memory = ''] = [valuesOf(edge!.text, 'CPUQuota')[0], valuesOf(edge!.text, 'MemoryHigh')[0]];
    expect(Number.parseInt(quota, 10) / 100).toBeGreaterThan(limits.cpu_cores);
    expect(Number.parseInt(memory, 10) * 1024 * 1024).toBeGreaterThan(limits.memory_bytes);
  });
});
