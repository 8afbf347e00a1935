/** What became of the packets before TCP; plain totals since the start. */
export class PacketCounters {
  packets = 0;
  /** Packets that carry IP with a TCP segment, whatever its ports. */
  tcpSegments = 0;
  /** Packets in which a tunnel was opened, whatever was in it. */
  encapsulated = 0;

  /** Ignored: a link type that is not read, and which it was last (-1: none). */
  unknownLink = 0;
  unknownLinkType = -1;
  /** Ignored: the frame, or a tunnel in it, carries no IP (ARP, LLDP ...). */
  notIp = 0;
  /** Ignored: IP, but neither TCP nor a tunnel. */
  notTcp = 0;
  /** Ignored: the capture cut the frame before the TCP header. */
  cutHeader = 0;
  /** Ignored: a header contradicts itself or the frame's length. */
  malformed = 0;
  /** Ignored: more tunnels inside each other than are opened. */
  nestedTooDeep = 0;

  /** IP fragments of TCP and of what may be a tunnel (all UDP) seen, datagrams put together, datagrams given up (time, memory, or contradictory). */
  fragments = 0;
  fragmentsReassembled = 0;
  fragmentsDropped = 0;
  /** Gauge: datagrams of which fragments wait. */
  fragmentsPending = 0;
  /** Bytes of fragments that overlap an earlier one: the first copy was kept. */
  fragmentOverlapBytes = 0;
}
