import type { Bus, OutgoingRecord } from '../../bus/bus.ts';

/** Records of one partition in one request: below 1 MiB, which every topic takes that nobody has made smaller. */
const PIECE_BYTES = 960 * 1024;
/** What Kafka's format adds to a record, at most. */
const RECORD_BYTES = 64;

/** Sends records in their order, in as many requests as ordinary topics want; a record longer than that goes alone. */
export async function sendInPieces(bus: Bus, topic: string, records: readonly OutgoingRecord[]): Promise<void> {
  let piece: OutgoingRecord[] = [];
  let bytes = new Map<number, number>();
  for (const record of records) {
    const size = RECORD_BYTES + (record.key?.length ?? 0) + (record.value?.length ?? 0);
    const before = bytes.get(record.partition) ?? 0;
    if (before > 0 && before + size > PIECE_BYTES) {
      await bus.send(topic, piece);
      piece = [];
      bytes = new Map();
    }
    piece.push(record);
    bytes.set(record.partition, (bytes.get(record.partition) ?? 0) + size);
  }
  if (piece.length > 0) await bus.send(topic, piece);
}
