/** Instead of an offset: why there is none. */
export const NOT_IP = -1;
export const MALFORMED = -2;
export const CUT = -3;
export const UNKNOWN_LINK = -4;
export const NOT_TCP = -5;
