import { PacketDecoder } from '../../../edge/packet/packet-decoder.ts';
import { DEFAULT_FLOW_LIMITS } from '../../../edge/tcp/flow-limits.ts';
import { FlowTable } from '../../../edge/tcp/flow-table.ts';
import { ipPacket } from '../../support/segment-builder.ts';
import { RecordingHandler } from '../tcp/recording-handler.ts';

export const ETHERNET = 1;
export const V6 = { clientAddress: '2001:db8:0:0:0:0:0:1', serverAddress: '2001:db8:0:0:0:0:0:2' };
export const QUERY = { seq: 100, ack: 500, data: 'SELECT 1' };

/** A decoder with a flow table behind it and what it delivered. */
export function start() {
  const handler = new RecordingHandler();
  const table = new FlowTable({ ports: [3306], handler, limits: { ...DEFAULT_FLOW_LIMITS, maxConnections: 16 } });
  const decoder = new PacketDecoder(table);
  let timeUs = 1_700_000_000_000_000;
  return {
    handler,
    table,
    decoder,
    packet(bytes: Uint8Array, linkType = ETHERNET, originalBytes = bytes.length) {
      timeUs += 1000;
      // The frame lies in the middle of a larger buffer, as it does in a chunk of a file.
      const padded = Buffer.concat([Buffer.alloc(5, 0xee), bytes, Buffer.alloc(7, 0xee)]);
      decoder.packet(padded, 5, 5 + bytes.length, originalBytes, timeUs, linkType);
    },
    wait(microseconds: number) {
      timeUs += microseconds;
      decoder.tick(timeUs);
    },
    text: () => handler.client.map((byte) => String.fromCharCode(byte ?? 63)).join(''),
  };
}

export const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
export const withHeader = (header: string, spec = QUERY) => Buffer.concat([hex(header), ipPacket(spec)]);
