import type { Bus } from '../../bus/bus.ts';
import { type DeadLetter, deadLetterKey, deadLetterValue } from '../../schemas/dead-letter.ts';
import type { LedgerEntry } from '../../schemas/ledger.ts';
import { countLine } from '../../schemas/ledger-record.ts';
import { TOPIC } from '../../schemas/topics.ts';
import { sendInPieces } from '../service/send-in-pieces.ts';

/** Where the stage accounts for itself. */
export interface AlertBooks {
  /** Done when the entries are kept. */
  publish(partition: number, entries: readonly LedgerEntry[]): Promise<void>;
  /** Done when the letters are kept. */
  deadLetters(partition: number, letters: readonly DeadLetter[]): Promise<void>;
}

/** The topics of the ledger and of dead letters. */
export class TopicBooks implements AlertBooks {
  /** Dead letters written. */
  letters = 0;
  private readonly bus: Bus;
  private readonly partitions: { readonly ledger: number; readonly letters: number };

  private constructor(bus: Bus, ledger: number, letters: number) {
    this.bus = bus;
    this.partitions = { ledger, letters };
  }

  /** @throws SqltrailError where a topic is missing. */
  static async open(bus: Bus): Promise<TopicBooks> {
    return new TopicBooks(bus, await bus.partitions(TOPIC.ledger), await bus.partitions(TOPIC.deadLetter));
  }

  async publish(partition: number, entries: readonly LedgerEntry[]): Promise<void> {
    const value = Buffer.from(entries.map((entry) => `${countLine(entry)}\n`).join(''));
    await this.bus.send(TOPIC.ledger, [{ partition: partition % this.partitions.ledger, key: null, value }]);
  }

  async deadLetters(partition: number, letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    const records = letters.map((letter) => ({
      partition: partition % this.partitions.letters,
      key: deadLetterKey(letter),
      value: deadLetterValue(letter),
    }));
    await sendInPieces(this.bus, TOPIC.deadLetter, records);
    this.letters += letters.length;
  }
}
