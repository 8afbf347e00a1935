/** Longest name kept: MySQL's own bound for identifiers is 64 characters, for user names 32 (MariaDB 128). */
const MAX_CHARACTERS = 256;

/**
 * A name as a client sent it (user, database, program), safe to show: control characters, and those that reorder text on a
 * screen (Unicode UAX #9), become U+FFFD. Clients are free to send anything here.
 */
export function cleanWireName(name: string): string {
  if (PLAIN.test(name)) return name.length > MAX_CHARACTERS ? name.slice(0, MAX_CHARACTERS) : name;
  return name.slice(0, MAX_CHARACTERS).replace(UNSAFE, '\ufffd');
}

const PLAIN = /^[\x20-\x7e]*$/;
const UNSAFE = /[\p{Cc}\p{Cs}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
