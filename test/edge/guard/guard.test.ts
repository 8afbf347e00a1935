import { describe, expect, it } from 'vitest';
import { Guard, type Load } from '../../../edge/guard/guard.ts';

const load = (highest: number): Load => ({ cpu: highest, memory: 0.1, spool: 0 });

function ticks(guard: Guard, highest: number, count: number): boolean[] {
  return Array.from({ length: count }, () => guard.tick(load(highest)));
}

describe('the guard', () => {
  it('does nothing below every ceiling, nor for a burst', () => {
    const guard = new Guard();
    expect(ticks(guard, 0.99, 100)).not.toContain(true);
    ticks(guard, 1.2, 2);
    ticks(guard, 0.9, 1);
    ticks(guard, 1.2, 2);
    expect(guard.share).toBe(0);
  });

  it('sheds new connections first, then open ones, then more', () => {
    const guard = new Guard();
    expect(ticks(guard, 1.1, 3)).toEqual([false, false, false]);
    expect(guard.share).toBe(0.1);
    expect(ticks(guard, 1.1, 3)).toEqual([false, false, true]);
    expect(guard.share).toBe(0.1);
    ticks(guard, 1.1, 3);
    expect(guard.share).toBe(0.25);
  });

  it('sheds everything within seconds where a ceiling is far behind', () => {
    const guard = new Guard();
    ticks(guard, 2, 12);
    expect(guard.share).toBe(1);
    expect(guard.tick(load(2))).toBe(true);
  });

  it('holds its level between calm and too much, and gives it back slowly', () => {
    const guard = new Guard();
    ticks(guard, 1.1, 9);
    expect(guard.share).toBe(0.25);
    ticks(guard, 0.9, 1000);
    expect(guard.share).toBe(0.25);
    ticks(guard, 0.5, 29);
    expect(guard.share).toBe(0.25);
    ticks(guard, 0.5, 1);
    expect(guard.share).toBe(0.1);
    ticks(guard, 0.5, 100);
    expect(guard.share).toBe(0);
  });

  it('looks at memory and spool as it looks at CPU', () => {
    for (const name of ['memory', 'spool'] as const) {
      const guard = new Guard();
      for (let i = 0; i < 3; i++) guard.tick({ cpu: 0, memory: 0, spool: 0, [name]: 1.01 });
      expect(guard.share).toBe(0.1);
    }
  });
});
