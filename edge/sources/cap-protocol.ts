/** What `cap-source` gives `cap-child` as its one argument, in JSON. */
export interface CapRequest {
  readonly interfaceName: string;
  /** A libpcap filter. */
  readonly filter: string;
}

/** Before the reason in the child's last line of stderr: the module could not be loaded, or the capture not be opened. */
export const CAP_MODULE_MISSING = 'sqltrail-cap: module: ';
export const CAP_OPEN_FAILED = 'sqltrail-cap: open: ';
