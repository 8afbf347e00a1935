import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientCharset } from '../../../processors/mask/client-charset.ts';
import { Lexer } from '../../../processors/mask/lexer.ts';
import { Mask } from '../../../processors/mask/mask.ts';
import { Masker } from '../../../processors/mask/masker.ts';
import { T_END } from '../../../processors/mask/token-kinds.ts';
import { AuditEvent, type ConnectionFacts } from '../../../schemas/audit-event.ts';
import { auditJson } from '../../../schemas/audit-json.ts';
import { type SqlMode, SqlText } from '../../../schemas/sql-text.ts';
import { maskBytes, UNKNOWN_MODE } from './mask-bytes.ts';
import { CANARY, CHARACTERS, HEX_CANARY, NUMBER_CANARY, statementAndMode } from './statement-generator.ts';

/** A million of each take half an hour. */
const RUNS = Number(process.env['SQLTRAIL_MASKING_RUNS'] ?? 3000);
const TIMEOUT_MS = 60_000 + 5 * RUNS;
function expectNoCanary(masked: string, source: Buffer): void {
  const lower = masked.toLowerCase();
  for (const canary of [CANARY, NUMBER_CANARY, HEX_CANARY]) {
    if (lower.includes(canary)) expect.fail(`${canary} in ${JSON.stringify(masked)} of ${source.toString('hex')}`);
  }
}

/** What a mode becomes for a text that is UTF-8 now. */
function afterwards(mode: SqlMode): SqlMode {
  return { ...mode, charset: 'utf8mb4' };
}

const anyMode: fc.Arbitrary<SqlMode> = fc.record({
  charset: fc.constantFrom('', 'ucs2', ...Object.keys(CHARACTERS)),
  noBackslashEscapes: fc.constantFrom(true, false, null),
  ansiQuotes: fc.constantFrom(true, false, null),
});

const FACTS: ConnectionFacts = {
  uid: 'c0',
  serverId: 'db1',
  clientAddress: '10.0.0.1',
  clientPort: 40_000,
  serverAddress: '10.0.0.2',
  serverPort: 3306,
};
const ERRORS: readonly (readonly [number, string, string])[] = [
  [1064, "You have an error in your SQL syntax; check the manual for the right syntax to use near '", "' at line 1"],
  [1062, "Duplicate entry '", "' for key 'PRIMARY'"],
  [1366, "Incorrect integer value: '", "' for column `shop`.`t`.`a` at row 1"],
  [1644, '', ''],
  [1045, "Access denied for user '", "'@'localhost' (using password: YES)"],
];

describe('masking any statement', () => {
  const masker = new Masker();

  it(
    'shows no literal of it, when the mode is known',
    () => {
      fc.assert(
        fc.property(statementAndMode, ([mode, sql]) => expectNoCanary(maskBytes(masker, sql, mode).masked, sql)),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  it(
    'shows no literal of it, when nothing of the mode or only a part is known',
    () => {
      fc.assert(
        fc.property(statementAndMode, fc.nat(7), ([mode, sql], known) => {
          const seen: SqlMode = {
            charset: known & 1 ? mode.charset : '',
            noBackslashEscapes: known & 2 ? mode.noBackslashEscapes : null,
            ansiQuotes: known & 4 ? mode.ansiQuotes : null,
          };
          expectNoCanary(maskBytes(masker, sql, seen).masked, sql);
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  it(
    'shows no literal of it, wherever it is cut off',
    () => {
      fc.assert(
        fc.property(statementAndMode, fc.nat(), ([mode, sql], cut) => {
          const part = sql.subarray(0, cut % (sql.length + 1));
          const masked = maskBytes(masker, part, mode, 'tail').masked.toLowerCase();
          // The first letters of a canary are enough to betray it.
          expect(masked).not.toMatch(/qzxca|731852|51fa5a/);
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  it(
    "leaves none in anything that is printed or stored of an event, the server's error message included",
    () => {
      const mask = new Mask();
      fc.assert(
        fc.property(statementAndMode, fc.nat(ERRORS.length - 1), fc.nat(), ([mode, sql], error, cut) => {
          const event = new AuditEvent(FACTS);
          event.command = 'query';
          event.sql = new SqlText(sql, 0, sql.length, mode);
          event.statementBytes = sql.length;
          event.status = 'error';
          // Syntax errors quote the statement from anywhere on, duplicate keys a value.
          const quoted = error === 0 ? sql.subarray(cut % sql.length) : Buffer.from(`${CANARY}'s ${NUMBER_CANARY}`);
          const [code, before, after] = ERRORS[error]!;
          event.errorCode = code;
          event.errorMessage = Buffer.concat([Buffer.from(before), quoted, Buffer.from(after)]).subarray(0, 512);
          mask.apply(event);
          expectNoCanary(JSON.stringify(auditJson(event, false)), sql);
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  it(
    'is the same when it is done twice',
    () => {
      fc.assert(
        fc.property(statementAndMode, ([mode, sql]) => {
          const { masked } = maskBytes(masker, sql, mode);
          expect(maskBytes(masker, masked, afterwards(mode)).masked).toBe(masked);
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );
});

describe('masking any bytes', () => {
  const masker = new Masker();
  const alphabet = [
    ...'\'"`\\/*!+-#$@.,()?=_xNeE0159 \n\0;[]',
    'SELECT',
    'VALUES',
    'IN',
    'NULL',
    '/*!50000',
    '*/',
    '/*',
    '--',
    '$$',
  ];
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(
        fc.oneof(
          fc.constantFrom(...alphabet).map((text) => Buffer.from(text)),
          fc.uint8Array({ minLength: 1, maxLength: 2 }).map((bytes) => Buffer.from(bytes)),
        ),
        {
          maxLength: 30,
        },
      )
      .map((parts) => Buffer.concat(parts)),
  );

  it(
    'never throws, gives well-formed text without control characters, and is the same when done twice',
    () => {
      fc.assert(
        fc.property(noise, anyMode, (bytes, mode) => {
          const { masked } = maskBytes(masker, bytes, mode);
          expect(masked).not.toMatch(/[\p{Cc}\p{Cs}]/u);
          expect(maskBytes(masker, masked, afterwards(mode)).masked).toBe(masked);
        }),
        { numRuns: RUNS * 3 },
      );
    },
    TIMEOUT_MS,
  );

  // Found by the property above.
  it.each<[string, SqlMode]>([
    ['31395a35d078313527', { charset: 'ujis', noBackslashEscapes: false, ansiQuotes: true }],
    ['ff39862a2f3d2a2f', { charset: 'latin1', noBackslashEscapes: true, ansiQuotes: null }],
    ['ff24242f2a213530303030272cec', { charset: 'latin1', noBackslashEscapes: null, ansiQuotes: false }],
    ['243078b200', { charset: 'cp1251', noBackslashEscapes: true, ansiQuotes: true }],
    ['40aa2e24', { charset: 'latin1', noBackslashEscapes: true, ansiQuotes: true }],
    ['40aa2e2435', { charset: 'latin1', noBackslashEscapes: true, ansiQuotes: true }],
    ['395f75746638bf5f7574663839c22a5f757466385f', { charset: 'cp1251', noBackslashEscapes: null, ansiQuotes: false }],
  ])('is the same when done twice: %s', (hex, mode) => {
    const { masked } = maskBytes(masker, Buffer.from(hex, 'hex'), mode);
    expect(maskBytes(masker, masked, afterwards(mode)).masked).toBe(masked);
  });

  it(
    'hides at least what every single reading hides that makes sense of all quotes, when the mode is unknown',
    () => {
      const lexer = new Lexer();
      fc.assert(
        fc.property(statementAndMode, ([mode, sql]) => {
          lexer.begin(sql, 0, sql.length, clientCharset(mode.charset), mode.noBackslashEscapes, mode.ansiQuotes);
          while (lexer.next() !== T_END);
          fc.pre(!lexer.isOutOfPhase);
          // Constants fold in lists, and lists fold less where the reading is not sure.
          const words = (text: string) =>
            new Set(text.match(/(?<!\w)(?!(?:null|true|false|default)\b)[a-z]{4,}/gi) ?? []);
          const known = words(maskBytes(masker, sql, mode).masked);
          for (const word of words(maskBytes(masker, sql, UNKNOWN_MODE).masked)) expect(known).toContain(word);
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );
});
