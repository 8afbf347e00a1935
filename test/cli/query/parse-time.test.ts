import { describe, expect, it } from 'vitest';
import { parseTime } from '../../../cli/query/parse-time.ts';

const NOW_MS = Date.parse('2026-03-01T12:00:00Z');

describe('parseTime', () => {
  it.each([
    ['90s', '2026-03-01 11:58:30.000000'],
    ['5m', '2026-03-01 11:55:00.000000'],
    ['1h', '2026-03-01 11:00:00.000000'],
    ['7d', '2026-02-22 12:00:00.000000'],
    ['2w', '2026-02-15 12:00:00.000000'],
    ['999999w', '1970-01-01 00:00:00.000000'],
    ['2026-01-31', '2026-01-31 00:00:00.000000'],
    ['2026-01-31 10:20', '2026-01-31 10:20:00.000000'],
    ['2026-01-31T10:20:30Z', '2026-01-31 10:20:30.000000'],
    ['2026-01-31T10:20:30.000001Z', '2026-01-31 10:20:30.000001'],
    ['2026-01-31T10:20:30.5+02:00', '2026-01-31 08:20:30.500000'],
  ])('reads %s', (text, time) => {
    expect(parseTime('--since', text, NOW_MS)).toBe(time);
  });

  it.each(['', '1', 'h', '1y', '-1h', 'yesterday', '2026-13-01', '2026-01-31T25:00:00Z', '01/02/2026'])(
    'refuses %j',
    (text) => {
      expect(() => parseTime('--since', text, NOW_MS)).toThrow(
        expect.objectContaining({ code: 'query_invalid', message: expect.stringContaining('--since') }),
      );
    },
  );
});
