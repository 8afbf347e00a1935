import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Bus, OutgoingRecord } from '../../bus/bus.ts';
import type { RecordingMember } from './recording-member.ts';

/** What a test of the contract needs; the buses are closed after each test. */
export interface ContractBus {
  newBus(): Promise<{ bus: Bus; topic: string }>;
}

/** One record whose value is a number as text. */
export function numbered(i: number, partition = 0): OutgoingRecord {
  return { partition, key: null, value: Buffer.from(String(i)) };
}

/** Numbers as text. */
export function texts(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => String(from + i));
}

/** Resolves when the condition holds; the test's own time limit is the bound. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

/** Each partition: assigned, ready, its records upwards, revoked; and nothing of it outside of that. */
export function expectOrderedCalls(member: RecordingMember): void {
  for (const partition of [0, 1, 2]) {
    let state = 'away';
    for (const event of member.events) {
      const [what, where] = event.split(' ') as [string, string];
      if (Number(where.split(':')[0]) !== partition) continue;
      const before = state;
      state = what === 'revoked' ? 'away' : what;
      if (what === 'assigned') expect(before, member.events.join(', ')).toBe('away');
      if (what === 'ready') expect(before, member.events.join(', ')).toBe('assigned');
      if (what === 'handle') expect(['ready', 'handle'], member.events.join(', ')).toContain(before);
    }
  }
}

/** A sorted copy; numbers by their value. */
export function sorted(values: readonly string[]): string[] {
  return [...values].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
