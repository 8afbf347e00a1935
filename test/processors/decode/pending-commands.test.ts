import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ConnectionState } from '../../../processors/decode/connection-state.ts';
import type { AuditEvent } from '../../../schemas/audit-event.ts';

const FACTS = {
  uid: '00'.repeat(16),
  serverId: '',
  clientAddress: '',
  clientPort: 1,
  serverAddress: '',
  serverPort: 2,
};
const step = fc.record({ adds: fc.boolean(), drops: fc.boolean(), which: fc.nat(5) });

it('keeps the commands that wait in their order, whichever of them goes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const state = new ConnectionState(FACTS);
      const waiting: AuditEvent[] = [];
      for (const [sequence, { adds, drops, which }] of steps.entries()) {
        if (adds) {
          waiting.push(state.newEvent('query', sequence, 0));
          state.addPending(waiting.at(-1)!);
        } else {
          // Also one that is not there.
          const event = waiting[which] ?? state.newEvent('query', sequence, 0);
          if (drops) state.dropPending(event);
          else state.takePending(event);
          if (which < waiting.length) waiting.splice(which, 1);
        }
        expect(state.pending).toEqual(waiting);
        expect(state.pendingCount).toBe(waiting.length);
        for (const event of waiting) expect(state.pendingOf(event.sequence)).toBe(event);
        expect(state.pendingOf(sequence + 1)).toBeNull();
      }
    }),
  );
});
