import fc from 'fast-check';
import { AuditEvent, type ConnectionFacts } from '../../schemas/audit-event.ts';
import { Loss } from '../../schemas/loss.ts';
import { SqlText } from '../../schemas/sql-text.ts';

const count = fc.oneof(fc.nat(), fc.maxSafeNat());
const text = fc.string({ unit: 'binary', maxLength: 40 });

const uid = fc
  .array(fc.nat(0xffff_ffff), { minLength: 4, maxLength: 4 })
  .map((words) => words.map((word) => word.toString(16).padStart(8, '0')).join(''));

const connection: fc.Arbitrary<ConnectionFacts> = fc.record({
  uid,
  serverId: text,
  clientAddress: fc.ipV4(),
  clientPort: fc.nat(65535),
  serverAddress: fc.ipV6(),
  serverPort: fc.nat(65535),
});

/** A time that columns can hold, µs. */
const timeUs = fc.integer({ min: 0, max: 4_294_967_295 * 1e6 });

const fields = fc.record({
  timeUs,
  sequence: count,
  connectionId: fc.nat(0xffff_ffff),
  serverVersion: text,
  isTls: fc.boolean(),
  userName: text,
  userNameSource: fc.constantFrom('handshake', 'change_user', 'processlist', 'unknown'),
  databaseName: text,
  clientProgram: text,
  command: text,
  statementBytes: count,
  statementHash: text,
  status: fc.constantFrom('ok', 'error', 'unknown'),
  errorCode: fc.nat(65535),
  sqlState: text,
  errorMessageMasked: text,
  affectedRows: count,
  returnedRows: count,
  lastInsertId: fc.oneof(count, fc.bigInt(2n ** 53n, 2n ** 64n - 1n).map(String)),
  warnings: fc.nat(65535),
  requestBytes: count,
  responseBytes: count,
  durationUs: count,
  firstRowUs: count,
  inTransaction: fc.boolean(),
  noIndexUsed: fc.boolean(),
  completeness: fc.constantFrom('complete', 'truncated', 'gap', 'midstream'),
  ruleIds: fc.array(text, { maxLength: 3 }),
  riskLevel: fc.constantFrom('none', 'info', 'low', 'medium', 'high', 'critical'),
  statementShown: fc.oneof(fc.constant(''), fc.string()),
});

const statement = fc.record({
  digest: uid,
  masked: text,
  kind: text,
  tables: fc.array(text, { maxLength: 3 }),
  parse: fc.constant('skipped' as const),
});

/** Any event as it is after mask, without unmasked parts. */
export const maskedEvent: fc.Arbitrary<AuditEvent> = fc
  .tuple(connection, fields, fc.option(statement))
  .map(([facts, values, masked]) => Object.assign(new AuditEvent(facts), values, { statement: masked }) as AuditEvent);

const parameter = fc.oneof(fc.string(), fc.integer(), fc.constant(null));
const mode = fc.record({
  charset: fc.oneof(fc.constantFrom('', 'utf8mb4', 'gbk'), fc.string({ maxLength: 100 })),
  noBackslashEscapes: fc.option(fc.boolean()),
  ansiQuotes: fc.option(fc.boolean()),
});
const sqlText = fc
  .tuple(fc.uint8Array(), mode, fc.constantFrom('none', 'tail', 'head'))
  .map(([bytes, sqlMode, loss]) => new SqlText(Buffer.from(bytes), 0, bytes.length, sqlMode, loss));

/** Any event with whatever a later stage may need. */
export const unmaskedEvent: fc.Arbitrary<AuditEvent> = fc
  .tuple(
    maskedEvent,
    fc.record({
      sql: fc.option(sqlText),
      errorMessage: fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
      parameters: fc.option(fc.array(fc.oneof(parameter, fc.array(parameter)))),
      queryAttributes: fc.option(fc.dictionary(fc.string(), parameter, { noNullPrototype: true })),
    }),
  )
  .map(([event, values]) => Object.assign(event, values) as AuditEvent);

export const anyLoss: fc.Arbitrary<Loss> = fc
  .tuple(connection, timeUs, fc.constantFrom('gap', 'tls', 'unreadable'), count, fc.boolean(), count, count)
  .map(([facts, ...rest]) => new Loss(facts, ...rest));

/** Bytes that look like a record and are not, or are: JSON lines with some bytes changed. */
export function damaged(lines: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 });
  return fc.tuple(fc.array(lines, { minLength: 1, maxLength: 3 }), changes).map(([texts, at]) => {
    const bytes = Buffer.from(texts.join('\n'));
    for (const [place, value] of at) if (bytes.length > 0) bytes[place % bytes.length] = value;
    return bytes;
  });
}

/** Any bytes at all. */
export const anyBytes: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.json().map((text) => Buffer.from(text)),
);
