import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../cli/config/config-schema.ts';
import { edgeOptions } from '../../../cli/edge/edge-options.ts';

const ARGUMENTS = { read: [], port: [] };

function config(edge: Record<string, unknown> = {}) {
  return configSchema.parse({ kafka: { brokers: ['k1:9092'] }, edge, shutdown_deadline_s: 30 });
}

describe('what an edge is told', () => {
  it('is named after its host and has no spool unless somebody says otherwise', () => {
    expect(edgeOptions({ ...ARGUMENTS, read: ['a.pcap'] }, config())).toMatchObject({
      source: { files: ['a.pcap'] },
      ports: [3306],
      kafka: { brokers: ['k1:9092'] },
      edgeId: hostname(),
      serverId: '',
      sampleShare: 1,
      spool: null,
      limits: { cpuCores: 1, memoryBytes: 314_572_800 },
      drainMs: 25_000,
    });
  });

  it('takes from the configuration what the flags leave open', () => {
    const edge = {
      id: 'edge-7',
      interface: 'eth1',
      ports: [3307],
      sample_share: 0.5,
      spool: { directory: '/spool', max_bytes: 5_000_000 },
    };
    expect(edgeOptions({ ...ARGUMENTS, serverId: 'db1' }, config(edge))).toMatchObject({
      source: { interfaceName: 'eth1', capture: null, isMirrored: false },
      ports: [3307],
      edgeId: 'edge-7',
      serverId: 'db1',
      sampleShare: 0.5,
      spool: { directory: '/spool', maxBytes: 5_000_000 },
    });
  });

  it('says what is missing', () => {
    expect(() => edgeOptions(ARGUMENTS, config())).toThrow('there is nothing to read packets from');
    const nowhere = configSchema.parse({ edge: { interface: 'eth0' } });
    expect(() => edgeOptions(ARGUMENTS, nowhere)).toThrow('No Kafka broker is named');
  });
});
