import { Loss } from '../../schemas/loss.ts';
import { CLOSE_BYTES } from '../../schemas/message-batch.ts';
import type { MessageBatchReader } from '../../schemas/message-batch-reader.ts';
import type { ConnectionState } from './connection-state.ts';

/** What a `close` says of bytes that were not read, a loss for each half that has some. */
export function closeLosses(state: ConnectionState, batch: MessageBatchReader): Loss[] {
  const { facts, isTls } = state;
  const { timeUs, sequence, count } = batch;
  const told = batch.end - batch.start < CLOSE_BYTES ? 0 : batch.bytes.readDoubleLE(batch.start);
  const fromServer = Number.isSafeInteger(told) && told > 0 ? Math.min(told, count) : 0;
  const fromClient = count - fromServer;
  const reason = isTls ? 'tls' : 'unreadable';
  const losses: Loss[] = [];
  if (fromClient > 0) losses.push(new Loss(facts, timeUs, reason, sequence, true, 0, fromClient));
  // Nothing follows a close: the next sequence is free, and names the second loss.
  if (fromServer > 0) losses.push(new Loss(facts, timeUs, reason, sequence + losses.length, false, 0, fromServer));
  return losses;
}
