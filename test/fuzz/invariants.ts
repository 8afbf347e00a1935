import { Decode } from '../../processors/decode/decode.ts';
import { Mask } from '../../processors/mask/mask.ts';
import { AuditEvent } from '../../schemas/audit-event.ts';
import { auditJson } from '../../schemas/audit-json.ts';
import { type AuditRow, auditSchema } from '../../schemas/audit-schema.ts';
import { Loss } from '../../schemas/loss.ts';
import { MESSAGE_KIND } from '../../schemas/message-batch.ts';
import { MessageBatchReader } from '../../schemas/message-batch-reader.ts';

const reader = new MessageBatchReader();

/**
 * Messages of each connection are numbered from 1 without holes, over all batches of a run. @throws Error if not.
 * @returns how many connections came again after their close: copies of their first packet, captured at the same µs, do that.
 */
export function checkSequences(batches: readonly Buffer[]): number {
  const last = new Map<string, number>();
  const closed = new Set<string>();
  let again = 0;
  for (const batch of batches) {
    if (!reader.open(batch)) throw new Error('a batch cannot be opened');
    const connections: string[] = [];
    while (reader.next()) {
      if (reader.kind === MESSAGE_KIND.connection) {
        connections.push(batch.toString('hex', reader.start, reader.start + 16));
        continue;
      }
      const uid = connections[reader.connection]!;
      const before = last.get(uid) ?? 0;
      if (reader.sequence !== before + 1) throw new Error(`message ${reader.sequence} of ${uid} follows ${before}`);
      if (reader.kind !== MESSAGE_KIND.close) {
        if (before === 0 && closed.has(uid)) again++;
        last.set(uid, reader.sequence);
      } else {
        closed.add(uid);
        last.delete(uid);
      }
    }
    if (reader.broken) throw new Error('a batch is broken');
  }
  return again;
}

/**
 * Masking remembers up to 64 MiB of texts, which a run of millions of different ones fills: it is emptied so that growth of
 * anything else shows.
 */
const RENEW_MASK_RUNS = 50_000;

/** Decodes and masks batches of whole connections. @throws Error where something is left over or is not as promised. */
export class Decoder {
  private readonly decode = new Decode({ keepsRaw: true });
  private mask = new Mask();
  private runs = 0;

  run(batches: readonly Buffer[]): (AuditRow | Loss)[] {
    if (++this.runs % RENEW_MASK_RUNS === 0) this.mask = new Mask();
    const outputs: (AuditRow | Loss)[] = [];
    for (const batch of batches)
      this.decode.step(batch, (output) => {
        if (output instanceof AuditEvent) this.mask.apply(output);
        outputs.push(output instanceof AuditEvent ? auditJson(output, true) : output);
      });
    const { counters } = this.decode;
    const odd = counters.unreadableBatches + counters.brokenBatches + counters.repeatedMessages;
    if (odd + counters.unannouncedMessages + counters.unknownMessages > 0)
      throw new Error(`decode counted what cannot be: ${JSON.stringify(counters)}`);
    for (const key of this.decode.stateKeys()) throw new Error(`the state of ${key} is left`);
    return outputs;
  }
}

/** Every row is as the schema says, ids are unique unless `mayRepeat`, losses are amounts. @throws Error if not. */
export function checkOutputs(outputs: readonly (AuditRow | Loss)[], mayRepeat = false): void {
  const ids = new Set<string>();
  for (const output of outputs) {
    if (output instanceof Loss) checkLoss(output);
    else {
      auditSchema.parse(output);
      if (!mayRepeat && ids.has(output.event_id)) throw new Error(`two events have the id ${output.event_id}`);
      ids.add(output.event_id);
    }
  }
}

function checkLoss({ bytes, fromByte, reason }: Loss): void {
  if (!(Number.isFinite(bytes) && bytes >= 0)) throw new Error(`a loss (${reason}) of ${bytes} bytes`);
  if (!(Number.isFinite(fromByte) && fromByte >= 0)) throw new Error(`a loss (${reason}) from byte ${fromByte}`);
}

/** @throws Error where a batch holds auth data. */
export function checkSecrets(batches: readonly Buffer[], secrets: readonly Buffer[]): void {
  for (const secret of secrets)
    for (const batch of batches)
      if (batch.includes(secret)) throw new Error(`auth data is shipped: ${secret.toString('hex')}`);
}
