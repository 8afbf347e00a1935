/** Kinds of token that the lexer tells apart. Those up to T_LAST_MASKED are masked; everything else may be shown. */
export const T_END = 0;
/** A quoted literal with prefix and quotes, or a `$$` body; to the end of the text where it is not closed. */
export const T_STRING = 1;
export const T_NUMBER = 2;
/** `?` */
export const T_PARAMETER = 3;
export const T_LAST_MASKED = T_PARAMETER;
export const T_WORD = 4;
/** A quoted identifier with its quotes. */
export const T_IDENTIFIER = 5;
/** One byte (`@@` two) of punctuation. */
export const T_PUNCT = 6;
/** Opening mark of a versioned comment or of an optimizer hint; what follows is lexed. */
export const T_OPEN = 7;
export const T_CLOSE = 8;
/** A byte >= 0x80 that is no letter. */
export const T_STRAY = 9;
/** `@name`, also the host part of an account. */
export const T_VARIABLE = 10;
