/**
 * One TCP exchange between two hosts, each a process: `exchange.ts serve PORT` and `exchange.ts ask ADDRESS PORT`.
 * The client sends REQUEST_BYTES, the server answers RESPONSE_BYTES when it has them all, and both close. Content: see `pattern`.
 */
import { connect, createServer } from 'node:net';

export const REQUEST_BYTES = 200_000;
export const RESPONSE_BYTES = 300_000;

/** Bytes that repeat only after 64 KiB, so that a piece that is missing or out of place shows. */
export function pattern(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i += 1) bytes[i] = (i * 31 + (i >> 8) * 7 + seed) & 0xff;
  return bytes;
}

const [, program, role, ...rest] = process.argv;
const isProgram = program === import.meta.filename;
if (isProgram && role === 'serve') {
  const server = createServer((socket) => {
    let missing = REQUEST_BYTES;
    socket.on('data', (data) => {
      missing -= data.length;
      if (missing === 0) socket.end(pattern(RESPONSE_BYTES, 2));
    });
    socket.on('close', () => server.close());
  });
  server.listen(Number(rest[0]), '::', () => process.stdout.write('listening\n'));
} else if (isProgram && role === 'ask') {
  const socket = connect(Number(rest[1]), rest[0]);
  let received = 0;
  socket.on('connect', () => socket.write(pattern(REQUEST_BYTES, 1)));
  socket.on('data', (data) => {
    received += data.length;
  });
  socket.on('close', () => {
    process.exitCode = received === RESPONSE_BYTES ? 0 : 1;
  });
}
