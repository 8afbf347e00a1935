/** Kinds of token. Literals are T_STRING and T_NUMBER; everything else may be shown. */
export const T_END = 0;
export const T_WORD = 1;
/** A quoted identifier with its quotes. */
export const T_IDENTIFIER = 2;
/** A quoted literal with prefix and quotes, or a `$$` body; to the end of the text where it is not closed. */
export const T_STRING = 3;
export const T_NUMBER = 4;
/** `?` */
export const T_PARAMETER = 5;
/** One byte (`@@` two) of punctuation. */
export const T_PUNCT = 6;
/** Opening mark of a versioned comment or of an optimizer hint; what follows is lexed. */
export const T_OPEN = 7;
export const T_CLOSE = 8;
/** A byte >= 0x80 that is no letter. */
export const T_STRAY = 9;
/** `@name`, also the host part of an account. */
export const T_VARIABLE = 10;
