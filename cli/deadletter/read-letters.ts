import type { Bus } from '../../bus/bus.ts';
import { type DeadLetterRow, deadLetterSchema } from '../../schemas/dead-letter-schema.ts';
import { TOPIC } from '../../schemas/topics.ts';

/** A dead letter, however often it came: what a crash made come again has the same key. */
export interface DeadLetter extends DeadLetterRow {
  /** `topic/partition/offset[/line]` of its origin. */
  readonly key: string;
}

/** Which letters are meant. A letter must meet all that is given. */
export interface LetterFilter {
  /** As `isoTime` writes it: from then on. */
  readonly since?: string | undefined;
  /** Its reason or its error code. */
  readonly reason?: string | undefined;
  readonly stage?: string | undefined;
}

export interface Letters {
  /** Oldest first. */
  readonly letters: readonly DeadLetter[];
  /** Records of the topic that are no dead letters of this version. */
  readonly unreadable: number;
  /** Letters that met the filter and had no room; the oldest. */
  readonly leftOut: number;
}

/** Letters held in memory, some 500 bytes each. */
const MAX_LETTERS = 100_000;

/** All dead letters still kept that meet the filter, each once: the newest {@link MAX_LETTERS} of them. */
export async function readLetters(
  bus: Pick<Bus, 'partitions' | 'read'>,
  filter: LetterFilter,
  maxLetters: number = MAX_LETTERS,
): Promise<Letters> {
  const letters = new Map<string, DeadLetter>();
  let unreadable = 0;
  let leftOut = 0;
  const partitions = await bus.partitions(TOPIC.deadLetter);
  for (let partition = 0; partition < partitions; partition++) {
    for await (const records of bus.read(TOPIC.deadLetter, partition)) {
      for (const { value } of records) {
        const row = value === null ? null : readRow(value);
        if (row === null) {
          unreadable++;
          continue;
        }
        if (!meets(row, filter)) continue;
        const key = keyOf(row);
        letters.set(key, { key, ...row });
        if (letters.size <= maxLetters) continue;
        letters.delete(letters.keys().next().value!);
        leftOut++;
      }
    }
  }
  const sorted = [...letters.values()].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  return { letters: sorted, unreadable, leftOut };
}

/** Made of the contents, for a record's own key could be anything. */
function keyOf({ topic, partition, offset, line }: DeadLetterRow): string {
  return `${topic}/${partition}/${offset}${typeof line === 'number' ? `/${line}` : ''}`;
}

function readRow(value: Buffer): DeadLetterRow | null {
  try {
    const parsed = deadLetterSchema.safeParse(JSON.parse(value.toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function meets(row: DeadLetterRow, { since, reason, stage }: LetterFilter): boolean {
  return (
    (since === undefined || row.time >= since) &&
    (reason === undefined || row.reason === reason || row.error_code === reason) &&
    (stage === undefined || row.stage === stage)
  );
}
