import { type EngineError, GatewayError } from './store-errors.ts';

/** An exception is told by its first bytes; the rest of an answer, such as a gateway's page, is nothing to us. */
const READ_BYTES = 4096;
const EXCEPTION = /Code: (\d+)[\s\S]*?(?:\(([A-Z][A-Z0-9_]+)\)|$)/;

/**
 * Reads the answer to an insert to its end, which frees its connection, and throws where it is a failure: also one that came
 * after a status of 200.
 *
 * @throws EngineError where ClickHouse refused, GatewayError where something else answered.
 */
export async function checkInsertAnswer(
  status: number,
  headers: Readonly<Record<string, unknown>>,
  stream: AsyncIterable<Buffer | string>,
): Promise<void> {
  let text = '';
  for await (const chunk of stream) if (text.length < READ_BYTES) text += String(chunk).slice(0, READ_BYTES);
  const exception = EXCEPTION.exec(text);
  const code = String(headers['x-clickhouse-exception-code'] ?? exception?.[1] ?? '');
  if (/^\d+$/.test(code)) throw engineError(code, exception?.[2], text);
  if (status !== 200) throw new GatewayError(status);
}

function engineError(code: string, type: string | undefined, text: string): EngineError {
  return Object.assign(new Error(text), type === undefined ? { code } : { code, type });
}
