import { Edge } from '../../edge/edge.ts';
import { FileSource } from '../../edge/sources/file-source.ts';
import { Decode } from '../../processors/decode/decode.ts';
import { Mask } from '../../processors/mask/mask.ts';
import { AuditEvent } from '../../schemas/audit-event.ts';

/**
 * CPU time of a statement from packet to masked event, by the number of connections: of a capture of `make-capture.ts`, timed from
 * the end of the logins on. `node --import tsx bench/parts/connections.ts FILE CONNECTIONS` prints one JSON object.
 */
const PACKETS_OF_LOGIN = 5;
const [file, connections] = process.argv.slice(2);
if (file === undefined || connections === undefined) throw new Error('usage: connections.ts FILE CONNECTIONS');
const logins = Number(connections) * PACKETS_OF_LOGIN;
const decode = new Decode({ keepsRaw: false });
const mask = new Mask();
let statements = 0;
const edge = new Edge({
  origin: { edgeId: '', runUs: 0, serverId: '' },
  ports: [3306],
  partitions: 1,
  onBatch: (_partition, batch) =>
    decode.step(batch, (output) => {
      if (output instanceof AuditEvent) mask.apply(output);
      statements++;
    }),
});
let packets = 0;
let started = process.cpuUsage();
await new FileSource(file).run(
  (bytes, start, end, originalBytes, timeUs, linkType) => {
    if (packets++ === logins) {
      statements = 0;
      started = process.cpuUsage();
    }
    edge.onPacket(bytes, start, end, originalBytes, timeUs, linkType);
  },
  () => {},
  new AbortController().signal,
);
edge.flush();
const { user, system } = process.cpuUsage(started);
process.stdout.write(`${JSON.stringify({ microsecondsEach: (user + system) / statements, statements })}\n`);
