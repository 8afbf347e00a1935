import { SqltrailError } from '../../runtime/errors.ts';

/** What came of one check: a sentence, and where something is wrong what to do about it. */
export interface CheckOutcome {
  readonly what: string;
  readonly state: 'ok' | 'bad' | 'skipped';
  readonly sentence: string;
  readonly cure?: string;
}

/** Runs a check that answers with a sentence or throws, within a time. */
export async function check(what: string, limitMs: number, run: () => Promise<string>): Promise<CheckOutcome> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLong(limitMs)), limitMs);
  });
  try {
    return { what, state: 'ok', sentence: await Promise.race([run(), limit]) };
  } catch (error) {
    const cure = (error as { cure?: unknown }).cure;
    const isOurs = error instanceof Error && typeof cure === 'string';
    // Other libraries' messages may quote anything.
    return {
      what,
      state: 'bad',
      sentence: isOurs ? error.message : 'The check failed for a reason of its own.',
      cure: isOurs ? cure : 'Run the service itself: its log says more.',
    };
  } finally {
    clearTimeout(timer);
  }
}

export function skipped(what: string, sentence: string): CheckOutcome {
  return { what, state: 'skipped', sentence };
}

/** Something that works, but not as it should. */
export function wrong(message: string, cure: string): SqltrailError {
  return new SqltrailError('usage', message, cure);
}

function tooLong(limitMs: number): SqltrailError {
  return wrong(`No answer within ${limitMs / 1000} s.`, 'Check the address, and what lies on the way to it.');
}
