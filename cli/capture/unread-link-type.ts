import type { PacketCounters } from '../../edge/packet/packet-counters.ts';
import { SqltrailError } from '../../runtime/errors.ts';

/** The failure of a run in which no packet could be read because of its link type; null where some could. */
export function unreadLinkType(counters: PacketCounters): SqltrailError | null {
  const { packets, unknownLink, unknownLinkType } = counters;
  if (unknownLink === 0 || unknownLink < packets) return null;
  return new SqltrailError(
    'capture_format',
    `all ${packets} packets have link type ${unknownLinkType}, which is not read`,
    'Capture where packets come as Ethernet, Linux cooked (v1 or v2), raw IP or BSD loopback; tcpdump -L lists what an interface offers.',
  );
}
