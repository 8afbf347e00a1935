import { createRequire } from 'node:module';

const REQUEST_QUEUE = 'kafkajs/src/network/requestQueue/index.js';

/** What is used here of the requests of one connection of kafkajs. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  /** Ms since the epoch. */
  readonly throttledUntil: number;
}

interface RequestQueuePrototype {
  scheduleCheckPendingRequests(this: RequestQueue): void;
}

/**
 * Makes kafkajs 2.2.4 look for waiting requests only where some wait or a broker throttles: it does so every millisecond for as
 * long as a connection lives, at 2 % of a core. A request that comes to wait schedules the next look itself, and each answer
 * looks at once. To be called before the first connection; a second call does nothing.
 */
export function calmRequestQueues(): void {
  const { prototype } = createRequire(import.meta.url)(REQUEST_QUEUE) as { prototype: RequestQueuePrototype };
  const schedule = prototype.scheduleCheckPendingRequests as RequestQueuePrototype['scheduleCheckPendingRequests'] & {
    isCalm?: boolean;
  };
  if (schedule.isCalm) return;
  const calm = function (this: RequestQueue): void {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
  prototype.scheduleCheckPendingRequests = Object.assign(calm, { isCalm: true });
}
