import { describe, expect, it } from 'vitest';
import { Metrics } from '../../runtime/metrics.ts';

const lines = async (metrics: Metrics) =>
  (await metrics.text()).split('\n').filter((line) => line.startsWith('sqltrail_'));

describe('the metrics of a service', () => {
  it('are read from plain counters at the moment somebody asks', async () => {
    const metrics = new Metrics('edge');
    const counters = { packets: 1, gapBytes: 0 };
    metrics.counters('edge', { packets: 'Packets.', gapBytes: 'Bytes in gaps.' }, () => counters);
    expect(await lines(metrics)).toContain('sqltrail_edge_packets_total{service="edge"} 1');
    counters.packets = 7;
    counters.gapBytes = 9;
    expect(await lines(metrics)).toEqual([
      'sqltrail_edge_packets_total{service="edge"} 7',
      'sqltrail_edge_gap_bytes_total{service="edge"} 9',
    ]);
    expect(await lines(metrics)).toHaveLength(2);
  });

  it('have a series for each set of labels there is now', async () => {
    const metrics = new Metrics('process');
    let partitions = [0, 1];
    metrics.gauge('sqltrail_decode_open_commands', 'Waiting.', ['partition'], () =>
      partitions.map((partition) => ({ labels: { partition: String(partition) }, value: 5 })),
    );
    expect(await lines(metrics)).toHaveLength(2);
    partitions = [3];
    expect(await lines(metrics)).toEqual(['sqltrail_decode_open_commands{partition="3",service="process"} 5']);
  });

  it('are bounded in series, and numbers whatever is read', async () => {
    const metrics = new Metrics('process');
    metrics.counter('sqltrail_decode_records_total', 'Records.', ['n'], () =>
      Array.from({ length: 5000 }, (_, n) => ({ labels: { n: String(n) }, value: Number.NaN })),
    );
    const series = await lines(metrics);
    expect(series).toHaveLength(1000);
    expect(series[0]).toMatch(/ 0$/);
  });

  it('say how the process does', async () => {
    expect(await new Metrics('edge').text()).toContain('process_resident_memory_bytes');
  });

  it.each([
    'packets',
    'sqltrail_total',
    'sqltrail_edge_total',
    'sqltrail_edge_packets',
    'sqltrail_Edge_packets_total',
    'sqltrail_edge_packets total',
  ])('refuse a counter called %s', (name) => {
    expect(() => new Metrics('edge').counter(name, 'Help.', [], () => [])).toThrow(RangeError);
  });

  it.each(['memory', 'sqltrail_edge', 'sqltrail_edge_memory_bytes_total'])('refuse a gauge called %s', (name) => {
    expect(() => new Metrics('edge').gauge(name, 'Help.', [], () => [])).toThrow(RangeError);
  });
});
