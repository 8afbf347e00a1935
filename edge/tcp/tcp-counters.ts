/** What TCP reassembly saw and what it could not carry; plain totals since the start. */
export class TcpCounters {
  /** Segments of the watched ports. */
  segments = 0;
  /** Of those, segments that carry data. */
  dataSegments = 0;
  /** Bytes delivered in order. */
  deliveredBytes = 0;

  /** Ignored: neither port is watched. */
  otherPort = 0;
  /** Ignored: the capture cut the frame inside the first 14 bytes of the TCP header. */
  cutHeader = 0;
  /** Ignored: the header contradicts itself or the packet's length, or data comes without ACK and SYN. */
  malformed = 0;
  /** Ignored: belongs to no known connection and opens none (bare ACK, FIN, RST, keep-alive). */
  stray = 0;
  /** Ignored: belongs to a connection that is already closed. */
  late = 0;
  /** Ignored or set aside: sequence or acknowledgement number far from where the connection is. */
  implausible = 0;

  /** Holes and cut frames reported through onGap, and their bytes. */
  gaps = 0;
  gapBytes = 0;
  /** Data segments whose frame the capture cut (their rest is a gap). */
  cutSegments = 0;
  /** Bytes seen again after they were delivered, declared a gap, or held. */
  retransmittedBytes = 0;
  /** Segments that came before earlier bytes of their half. */
  outOfOrderSegments = 0;
  /** Bytes that differ from the copy that came first (only seen where the first copy is still held). */
  conflictBytes = 0;
  /** Bytes after a FIN. */
  afterFinBytes = 0;

  /** Connections opened so far, open now, and closed for want of room. */
  connectionsOpened = 0;
  connectionsOpen = 0;
  evictions = 0;
  /** Left out on purpose: connections (and those among them that were open), their segments and the bytes in these (retransmitted ones again). */
  shedConnections = 0;
  shedOpenConnections = 0;
  shedSegments = 0;
  shedBytes = 0;
  sampledOutConnections = 0;
  sampledOutSegments = 0;
  sampledOutBytes = 0;
  /** Gauge: bytes held now (with 512 for each segment). */
  heldBytes = 0;
}
