import { SqltrailError } from '../runtime/errors.ts';

/** A group has members that do other work than who wants to join it. @param about `consume as group …` */
export function otherWork(about: string, cause?: unknown): SqltrailError {
  return new SqltrailError(
    'bus_denied',
    `Could not ${about}: its processes run other stages than this one, and would share their partitions with it.`,
    'Stop those processes first, or give this one the same stages. One that was killed counts for 30 s.',
    { cause },
  );
}
