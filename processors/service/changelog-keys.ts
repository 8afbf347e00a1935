/** Key of the record that says how far the partition is. */
export const POSITION_KEY = 'position';
/** Long texts of states, in chunks. */
export const BLOB_PREFIX = 'blob/';
export const CONNECTION_PREFIX = 'connection/';
export const LEDGER_PREFIX = 'ledger/';
export const FINDING_PREFIX = 'finding/';
