import { FeatureSet, NO_FEATURES } from '../../../schemas/feature-set.ts';

/** Bytes of a message that are looked at. */
const LONGEST_MESSAGE = 2048;
const LEAK = FeatureSet.named(['error_leaks_value']);
const FILE_REQUEST = FeatureSet.named(['local_infile_request']);

/** Errors that quote what a function was given, by code, and what of it is no ordinary mistake. */
const LEAKS: ReadonlyMap<number, RegExp> = new Map([
  // ER_DUP_ENTRY: keys of GROUP BY belong to no table.
  [
    1062,
    /for key '(?:<?group_key>?|<?distinct_key>?|\w*<group\w*>)'|^Duplicate entry '(?:~|\x7e|q[a-z]{4}q|q[a-z]{3}q|\W{3})/,
  ],
  // ER_UNKNOWN_ERROR, of EXTRACTVALUE and UPDATEXML.
  [1105, /^XPATH syntax error: '\S/],
  // ER_DATA_OUT_OF_RANGE
  [1690, /^\w+(?: UNSIGNED)? value is out of range in '.{0,400}(?:select|~|@@|'[^']{1,400}')/is],
  // ER_ILLEGAL_VALUE_FOR_TYPE: geometry of what is none.
  [1367, /^Illegal non geometric '.*(?:select|')/is],
  // ER_WRONG_VALUE_FOR_TYPE
  [
    1411,
    /^Incorrect \w+ value: '.{0,400}' for function (?:uuid_to_bin|st_latfromgeohash|st_longfromgeohash|st_pointfromgeohash)/is,
  ],
  // ER_MALFORMED_GTID_SET_SPECIFICATION
  [1772, /^Malformed GTID set specification '/],
  // ER_INVALID_JSON_TEXT_IN_PARAM
  [3141, /^Invalid JSON text in argument \d+ to function json_keys/i],
  // ER_WRONG_ARGUMENTS and NAME_CONST
  [1060, /^Duplicate column name '(?:\d+\.\d+|~|q[a-z]{3,4}q|[^']*@)/],
  [3064, /^Incorrect type for argument (?:xml|geohash)/i],
]);

/**
 * What is striking about an answer of the server.
 *
 * @param message As sent; it may quote data.
 */
export function responseFeatures(errorCode: number, message: Buffer | null, localInfileRequested: boolean): FeatureSet {
  let features = localInfileRequested ? FILE_REQUEST : NO_FEATURES;
  const pattern = message === null ? undefined : LEAKS.get(errorCode);
  if (pattern?.test(message!.toString('latin1', 0, LONGEST_MESSAGE)) === true) features = features.with(LEAK);
  return features;
}
