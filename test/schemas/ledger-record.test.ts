import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventId } from '../../schemas/event-id.ts';
import { type LedgerEntry, LOSS_REASONS } from '../../schemas/ledger.ts';
import { countLine, lossLine, readLedgerRecord } from '../../schemas/ledger-record.ts';
import { ledgerLineSchema } from '../../schemas/ledger-schema.ts';
import type { Loss } from '../../schemas/loss.ts';
import { CHANNELS, type ServerMinute } from '../../schemas/server-minute.ts';
import { serverMinuteLine } from '../../schemas/server-minute-record.ts';
import { anyBytes, anyLoss, damaged } from './records-support.ts';

const count = fc.maxSafeNat();

const anyEntry: fc.Arbitrary<LedgerEntry> = fc.record({
  stage: fc.constantFrom('edge', 'decode', 'identify', 'mask', 'detect', 'store', 'alert'),
  origin: fc.string(),
  ordinal: count,
  serverId: fc.string({ unit: 'binary' }),
  minuteMs: count,
  unit: fc.constantFrom('packets', 'connections', 'bytes', 'messages', 'records', 'events', 'seconds'),
  takenIn: count,
  passedOn: count,
  open: count,
  lost: fc.dictionary(fc.constantFrom(...LOSS_REASONS), count, { noNullPrototype: true }),
  impaired: fc.dictionary(fc.constantFrom('truncated', 'gap', 'midstream'), count, { noNullPrototype: true }),
  version: count,
});

const anyServerMinute: fc.Arbitrary<ServerMinute> = fc.record({
  serverId: fc.string({ unit: 'binary' }),
  minuteMs: count,
  origin: fc.string(),
  measuredMs: fc.nat({ max: 60_000 }),
  uncertaintyMs: count,
  restarts: count,
  flushes: count,
  questions: count,
  queries: count,
  connections: count,
  abortedConnects: count,
  bytesReceived: count,
  bytesSent: count,
  sslAccepts: count,
  ownQuestions: count,
  peakPerSecond: count,
  commands: fc.dictionary(fc.stringMatching(/^[a-z][a-z_]{0,20}$/), count, { noNullPrototype: true }),
  channels: fc.dictionary(fc.constantFrom(...CHANNELS), count, { noNullPrototype: true }),
  version: count,
});

const ENTRY = fc.sample(anyEntry, { numRuns: 1, seed: 7 })[0]!;

function read(value: Buffer | string): { entries: LedgerEntry[]; losses: Loss[]; bad: number[] } {
  const result = { entries: [] as LedgerEntry[], losses: [] as Loss[], bad: [] as number[] };
  readLedgerRecord(Buffer.from(value), {
    entry: (entry) => result.entries.push(entry),
    loss: (loss) => result.losses.push(loss),
    bad: (line) => result.bad.push(line),
  });
  return result;
}

describe('a record of mysql.ledger.v1', () => {
  it('gives back entries and losses as they were', () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 3 }), fc.array(anyLoss, { maxLength: 3 }), (entries, losses) => {
        const record = [...entries.map(countLine), ...losses.map(lossLine)].join('\n');
        expect(read(record)).toEqual({ entries, losses, bad: [] });
      }),
    );
  });

  it('gives back what servers did as it was, and passes it over for those who do not ask for it', () => {
    fc.assert(
      fc.property(fc.array(anyServerMinute, { maxLength: 3 }), (minutes) => {
        const record = minutes.map(serverMinuteLine).join('\n');
        const taken: ServerMinute[] = [];
        const entry = () => expect.unreachable();
        const take = { entry, loss: entry, bad: entry };
        readLedgerRecord(Buffer.from(record), { ...take, serverMinute: (minute) => taken.push(minute) });
        expect(taken).toEqual(minutes);
        readLedgerRecord(Buffer.from(record), take);
        for (const line of minutes.map(serverMinuteLine))
          expect(ledgerLineSchema.parse(JSON.parse(line))).toEqual(JSON.parse(line));
      }),
    );
  });

  it('has lines as the schema describes them, a loss with its id', () => {
    fc.assert(
      fc.property(anyEntry, anyLoss, (entry, loss) => {
        expect(ledgerLineSchema.parse(JSON.parse(countLine(entry)))).toEqual(JSON.parse(countLine(entry)));
        expect(ledgerLineSchema.parse(JSON.parse(lossLine(loss)))).toMatchObject({
          loss_id: eventId(loss.connection.uid, loss.sequence),
        });
      }),
    );
  });

  it('gives up a line with a reason, unit or stage of a later version, and only that line', () => {
    const good = { ...ENTRY, stage: 'decode', unit: 'events', lost: { unpaired: 1 } } as LedgerEntry;
    const line = countLine(good);
    const later = [
      line.replace('"unpaired"', '"later"'),
      line.replace('"events"', '"later"'),
      line.replace('"decode"', '"later"'),
      line.replace('"count"', '"later"'),
    ];
    expect(read([...later, line, '[]', 'no json'].join('\n'))).toEqual({
      entries: [good],
      losses: [],
      bad: [0, 1, 2, 3, 5, 6],
    });
  });

  it('gives up a loss whose id is not one of its connection', () => {
    const loss = fc.sample(anyLoss, { numRuns: 1, seed: 3 })[0]!;
    const row = JSON.parse(lossLine(loss));
    expect(read(JSON.stringify({ ...row, connection_uid: 'a'.repeat(32) })).bad).toEqual([0]);
  });

  it('never throws, and whatever it gives can be written again', () => {
    const lines = fc.oneof(anyEntry.map(countLine), anyLoss.map(lossLine));
    fc.assert(
      fc.property(fc.oneof(anyBytes, damaged(lines)), (bytes) => {
        const { entries, losses } = read(bytes);
        const again = read([...entries.map(countLine), ...losses.map(lossLine)].join('\n'));
        expect(again).toEqual({ entries, losses, bad: [] });
      }),
      { numRuns: 2_000 },
    );
  });
});
