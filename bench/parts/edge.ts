import { Edge } from '../../edge/edge.ts';
import { FileSource } from '../../edge/sources/file-source.ts';

/** Source, TCP and framing alone: `node --import tsx bench/parts/edge.ts FILE` prints seconds in this process, packets and messages. */
const file = process.argv[2];
if (file === undefined) throw new Error('usage: edge.ts FILE');
let batchBytes = 0;
const edge = new Edge({
  origin: { edgeId: '', runUs: 0, serverId: '' },
  ports: [3306],
  partitions: 1,
  onBatch: (_partition, batch) => {
    batchBytes += batch.length;
  },
});
const started = process.hrtime.bigint();
await new FileSource(file).run(edge.onPacket, () => {}, new AbortController().signal);
edge.end(edge.lastPacketUs);
const seconds = Number(process.hrtime.bigint() - started) / 1e9;
process.stdout.write(
  `${JSON.stringify({ seconds, packets: edge.packetCounters.packets, messages: edge.messages, batchBytes })}\n`,
);
