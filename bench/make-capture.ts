import { parseArgs } from 'node:util';
import { packet, WireCapture } from '../test/support/wire-capture.ts';

/**
 * Writes the capture the benchmarks read: point selects of sysbench's shape over a few connections, a packet for the request
 * and one for the response. Deterministic.
 *
 *   npx tsx bench/make-capture.ts OUT.pcap [--statements 400000] [--connections 16]
 */
const START_US = 1_767_225_600_000_000;

async function makeCapture(path: string, statements: number, connections: number): Promise<void> {
  const capture = new WireCapture(path);
  let timeUs = START_US;
  const peers = Array.from({ length: connections }, (_, i) => capture.connect(i, i + 1, timeUs + i * 5));
  timeUs += connections * 5;
  for (let i = 0; i < statements; i++) {
    const peer = peers[i % connections]!;
    const id = (i * 7919) % 1_000_000;
    capture.client(peer, query(`SELECT c FROM sbtest${1 + (i % 10)} WHERE id=${id}`), timeUs);
    capture.server(peer, ROW_RESPONSE, timeUs + 120);
    timeUs += 15;
    await capture.ready();
  }
  await capture.end();
}

function query(sql: string): Buffer {
  return packet(Buffer.concat([Buffer.from([3]), Buffer.from(sql)]), 0);
}

const ROW_RESPONSE = (() => {
  const name = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
  const column = Buffer.concat([
    ...['def', 'sbtest', 'sbtest1', 'sbtest1', 'c', 'c'].map(name),
    Buffer.from([0x0c, 45, 0, 0xe0, 1, 0, 0, 0xfe, 0, 0, 0, 0, 0]),
  ]);
  return Buffer.concat([
    packet(Buffer.from([1]), 1),
    packet(column, 2),
    packet(
      name(
        '68487932199-96439406143-93774651418-41631865787-96406072701-20604855487-25459966574-28203206787-41238978918-19503783441',
      ),
      3,
    ),
    packet(Buffer.from([0xfe, 0, 0, 2, 0, 0, 0]), 4),
  ]);
})();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { statements: { type: 'string', default: '400000' }, connections: { type: 'string', default: '16' } },
});
const [file] = positionals;
if (file === undefined) throw new Error('usage: make-capture.ts OUT.pcap [--statements N] [--connections N]');
await makeCapture(file, Number(values.statements), Number(values.connections));
