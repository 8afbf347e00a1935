import type { ConnectionState } from './connection-state.ts';

/** Numbers of messages of a connection never came: any command, any response may be among them. @returns How many. */
export function missMessages(state: ConnectionState, count: number): number {
  state.loseClientBytes();
  state.markGap();
  // Fragments are not joined across the hole.
  if (state.fragmentSequence !== 0) state.isFragmentCut = true;
  return count;
}
