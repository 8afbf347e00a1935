/** What `cap-source` gives `cap-child` as its one argument, in JSON. */
export interface CapRequest {
  readonly interfaceName: string;
  /** libpcap filters to try in order; the next one is taken where the link type has no VLANs. */
  readonly filters: readonly string[];
}

/** Before the reason in the child's last line of stderr: the module could not be loaded, or the capture not be opened. */
export const CAP_MODULE_MISSING = 'sqltrail-cap: module: ';
export const CAP_OPEN_FAILED = 'sqltrail-cap: open: ';
