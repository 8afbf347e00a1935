import { Edge } from '../../edge/edge.ts';
import { Decode } from '../../processors/decode/decode.ts';
import { COLUMN, DEFAULT_CAPABILITIES, greeting, loginPacket, packet, query } from '../../test/support/conversation.ts';
import { ACK, frame, type SegmentSpec, SYN } from '../../test/support/segment-builder.ts';

/**
 * Memory of an idle connection: 100,000 log in, prepare a statement, run one query and say nothing more. Prints one JSON object,
 * bytes each after a full collection: in the edge (flow and session), and in decode (user, schema, statement).
 *
 *   node --expose-gc --import tsx bench/parts/idle.ts [CONNECTIONS]
 */
const CONNECTIONS = Number(process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? 100_000);
const OK = '00 00 00 0200 0000';
const START_US = 1_767_225_600_000_000;

const EXCHANGE: readonly (readonly [fromClient: boolean, data: Buffer])[] = [
  [false, greeting(DEFAULT_CAPABILITIES)],
  [true, loginPacket(DEFAULT_CAPABILITIES)],
  [false, packet(2, OK)],
  [true, packet(0, '16', Buffer.from('SELECT name, price FROM products WHERE id = ?'))],
  [false, Buffer.concat([packet(1, '00 01000000 0100 0100 00 0000'), packet(2, COLUMN), packet(3, COLUMN)])],
  [true, query('SELECT 1')],
  [false, Buffer.concat([packet(1, '01'), packet(2, COLUMN), packet(3, '0131'), packet(4, 'fe 00 00 0200 0000')])],
];

/** Heap and buffers after a full collection. */
function usedBytes(): number {
  if (globalThis.gc === undefined) throw new Error('usage: node --expose-gc --import tsx bench/parts/idle.ts');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function connect(edge: Edge, number: number): void {
  const address = `10.1.${number >> 15}.1`;
  const peer = { clientAddress: address, clientPort: 1024 + (number & 0x7fff) };
  let [client, server] = [1_000, 5_000];
  const send = (spec: SegmentSpec) => {
    const bytes = frame({ ...peer, ...spec });
    edge.onPacket(bytes, 0, bytes.length, bytes.length, START_US + number * 10, 1);
  };
  send({ seq: client++, flags: SYN });
  send({ fromClient: false, seq: server++, ack: client, flags: SYN | ACK });
  for (const [fromClient, data] of EXCHANGE) {
    send(fromClient ? { seq: client, ack: server, data } : { fromClient, seq: server, ack: client, data });
    if (fromClient) client += data.length;
    else server += data.length;
  }
}

const decode = new Decode({ keepsRaw: false });
const batches: Buffer[] = [];
const edge = new Edge({
  origin: { edgeId: '', runUs: 0, serverId: '' },
  ports: [3306],
  partitions: 1,
  onBatch: (_, batch) => batches.push(batch),
});
const before = usedBytes();
for (let i = 0; i < CONNECTIONS; i++) connect(edge, i);
edge.flush();
const shipped = batches.reduce((sum, batch) => sum + batch.buffer.byteLength, 0);
const edgeBytes = usedBytes() - before - shipped;
for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) decode.step(batch, () => {});
const decodeBytes = usedBytes() - before - edgeBytes;
const open = edge.tcpCounters.connectionsOpen;
const states = [...decode.stateKeys()].length;
process.stdout.write(
  `${JSON.stringify({ edgeBytes: Math.round(edgeBytes / open), decodeBytes: Math.round(decodeBytes / states), open, states })}\n`,
);
