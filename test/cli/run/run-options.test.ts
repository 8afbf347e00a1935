import { describe, expect, it } from 'vitest';
import { type Config, configSchema } from '../../../cli/config/config-schema.ts';
import { type RunArguments, runOptions as runOptionsOf } from '../../../cli/run/run-options.ts';
import { SqltrailError } from '../../../runtime/errors.ts';

const args = (changes: Partial<RunArguments>): RunArguments => ({
  read: ['a.pcap'],
  port: [],
  dangerouslyKeepRaw: false,
  ...changes,
});

const settings = (file: unknown): Config => configSchema.parse(file);
const runOptions = (given: RunArguments, config = settings({})) => runOptionsOf(given, config);

describe('options of run', () => {
  it('watches port 3306 unless told otherwise, and each port once', () => {
    expect(runOptions(args({})).ports).toEqual([3306]);
    expect(runOptions(args({ port: ['3307', '3308', '3307'] })).ports).toEqual([3307, 3308]);
  });

  it('stores nothing for --store none', () => {
    expect(runOptions(args({ store: 'none' })).storeDirectory).toBeNull();
    expect(runOptions(args({})).storeDirectory).toBe('./sqltrail-data');
  });

  it('captures tunnels only where it is told to', () => {
    const live = { read: [], interface: 'lo' };
    expect(runOptions(args(live)).source).toMatchObject({ isMirrored: false });
    expect(runOptions(args({ ...live, mirrored: true })).source).toMatchObject({ isMirrored: true });
  });

  it('masks by the policy of the configuration, and everything without one', () => {
    expect(runOptions(args({})).maskingPolicy).toBeNull();
    const config = settings({ masking: { keep: ['limits'], drop: [{ user: 'monitor' }] } });
    expect(runOptions(args({}), config).maskingPolicy).toMatchObject({ keepsLimits: true, keepsNumbers: false });
  });

  it('takes what its flags leave open from the configuration', () => {
    const config = settings({
      edge: { interface: 'eth7', ports: [3310, 3310], capture: 'tcpdump', is_mirrored: true, server_id: 'db7' },
      store: { directory: '/trail' },
    });
    expect(runOptions(args({ read: [] }), config)).toMatchObject({
      source: { interfaceName: 'eth7', capture: 'tcpdump', isMirrored: true },
      ports: [3310],
      storeDirectory: '/trail',
      serverId: 'db7',
    });
    const flags = args({ read: [], interface: 'lo', port: ['3306'], capture: 'cap', store: 'none', serverId: 'x' });
    expect(runOptions(flags, config)).toMatchObject({
      source: { interfaceName: 'lo', capture: 'cap' },
      ports: [3306],
      storeDirectory: null,
      serverId: 'x',
    });
  });

  it('reads files where they are named, whatever the configuration says of a live capture', () => {
    const config = settings({ edge: { interface: 'eth7', capture: 'cap', is_mirrored: true } });
    expect(runOptions(args({}), config).source).toEqual({ files: ['a.pcap'] });
  });

  it.each([
    ['neither file nor interface', { read: [] }],
    ['both', { interface: 'lo' }],
    ['a way of capture for a file', { capture: 'cap' }],
    ['mirrored traffic for a file', { mirrored: true }],
    ['port 0', { port: ['0'] }],
    ['port 65536', { port: ['65536'] }],
    ['a port with letters', { port: ['33o6'] }],
    ['a negative port', { port: ['-1'] }],
    ['a server name with a line break', { serverId: 'a\nb' }],
    ['a server name of 256 bytes', { serverId: 'x'.repeat(256) }],
  ] as const)('refuses %s as bad usage, with a cure', (_, changes) => {
    let refused: unknown = null;
    try {
      runOptions(args(changes as Partial<RunArguments>));
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(SqltrailError);
    expect(refused).toMatchObject({ code: 'usage', exitCode: 2 });
    expect((refused as SqltrailError).cure.length).toBeGreaterThan(20);
  });
});
