import { expect, it } from 'vitest';
import { startOffset } from '../../bus/kafka-start-offset.ts';

it.each([
  ['inside', 5, 5],
  ['at the oldest', 3, 3],
  ['at the end, where nothing is yet', 9, 9],
  ['before the oldest, which was removed', 2, 3],
  ['beyond the end of a topic that was made anew', 10, 3],
])('starts %s', (_name, wanted, start) => {
  expect(startOffset(wanted, { low: 3, high: 9 })).toBe(start);
});
