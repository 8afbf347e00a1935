/** What both ways of live capture are told. */
export interface LiveOptions {
  /** An interface such as `eth0`, `lo`, or `any` for all of them. */
  readonly interfaceName: string;
  /** TCP ports of the servers, 1–65535, at least one. */
  readonly ports: readonly number[];
  /** Captures tunnels too (VXLAN, GENEVE, GRE, ERSPAN, IP in IP), as a collector of mirrored traffic must. */
  readonly isMirrored?: boolean;
  /** Called once when packets are being captured. */
  readonly onListening?: () => void;
}
