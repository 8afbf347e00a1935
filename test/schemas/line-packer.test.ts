import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachLine } from '../../schemas/each-line.ts';
import { LinePacker } from '../../schemas/line-packer.ts';

const line = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).map((text) => text.replaceAll('\n', ' '));

function linesOf(value: Buffer): string[] {
  const lines: string[] = [];
  eachLine(value, (text) => lines.push(text));
  return lines;
}

describe('packed lines', () => {
  it('come out in order, in values within the bound unless one line alone is longer', () => {
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 1, max: 80 }), (lines, maxBytes) => {
        const packer = new LinePacker(maxBytes);
        for (const each of lines) packer.add(each);
        const { bytes } = packer;
        const values = packer.take();
        expect(values.flatMap(linesOf)).toEqual(lines);
        expect(values.reduce((sum, value) => sum + value.length, 0)).toBe(bytes);
        expect(values.every((value) => value.length <= maxBytes || linesOf(value).length === 1)).toBe(true);
        expect(values.every((value) => value.at(-1) === 0x0a)).toBe(true);
      }),
    );
  });

  it('fill each value before the next one begins', () => {
    const packer = new LinePacker(8);
    for (const each of ['abc', 'def', 'g', 'hijklmnopq', 'r']) packer.add(each);
    expect(packer.take().map(String)).toEqual(['abc\ndef\n', 'g\n', 'hijklmnopq\n', 'r\n']);
  });

  it('are given once', () => {
    const packer = new LinePacker(8);
    packer.add('a');
    packer.take();
    expect([packer.bytes, packer.take()]).toEqual([0, []]);
  });

  it('are numbered from 0, empty ones left out, with or without a newline at the end', () => {
    const seen: [string, number][] = [];
    eachLine(Buffer.from('a\n\nb\n\n'), (text, at) => seen.push([text, at]));
    eachLine(Buffer.from('c'), (text, at) => seen.push([text, at]));
    expect(seen).toEqual([
      ['a', 0],
      ['b', 2],
      ['c', 0],
    ]);
  });
});
