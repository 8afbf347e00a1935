/** Key of the record that says how far the partition is. */
export const POSITION_KEY = 'position';
/** An owner's claim, with its epoch: kept where it was written, so that what is behind it can be told from what is before. */
export const CLAIM_PREFIX = 'claim/';
/** Long texts of states, in chunks. */
export const BLOB_PREFIX = 'blob/';
export const CONNECTION_PREFIX = 'connection/';
export const LEDGER_PREFIX = 'ledger/';
