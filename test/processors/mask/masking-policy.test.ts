import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mask } from '../../../processors/mask/mask.ts';
import { Masker } from '../../../processors/mask/masker.ts';
import { MaskingPolicy, type MaskingPolicyOptions } from '../../../processors/mask/masking-policy.ts';
import { maskingPolicySchema } from '../../../processors/mask/policy-schema.ts';
import { TokenMaker } from '../../../processors/mask/policy-token.ts';
import { AuditEvent } from '../../../schemas/audit-event.ts';
import { type SqlMode, SqlText, type TextLoss } from '../../../schemas/sql-text.ts';
import { DEFAULT_MODE, maskBytes, UNKNOWN_MODE } from './mask-bytes.ts';

const NEW_KEY = { id: 'h2', secret: Buffer.alloc(32, 7) };
const OLD_KEY = { id: 'h1', secret: Buffer.alloc(32, 9) };
const NOTHING: MaskingPolicyOptions = { keep: [], drop: [] };
const FACTS = {
  uid: 'a',
  serverId: 's',
  clientAddress: '10.0.0.1',
  clientPort: 1,
  serverAddress: '10.0.0.2',
  serverPort: 3306,
};

function masker(options: Partial<MaskingPolicyOptions>): Masker {
  return new Masker(new MaskingPolicy({ ...NOTHING, ...options }));
}

function tokens(columns: readonly string[], strings: 'columns' | 'all' = 'columns') {
  return { tokens: { strings, columns, keys: [NEW_KEY, OLD_KEY] } };
}

const maker = new TokenMaker([NEW_KEY, OLD_KEY]);
const token = (value: string) => maker.tokenOf(value);

/** The statement's text as the policy has it. */
function shownOf(own: Masker, ...of: [Buffer | string, SqlMode?, TextLoss?]): string {
  const { masked } = maskBytes(own, ...of);
  return own.shown === '' ? masked : own.shown;
}

describe('a masking policy', () => {
  it('of nothing masks all, as none does', () => {
    expect(shownOf(masker({}), "SELECT a FROM t WHERE b = 'x' LIMIT 5, 10")).toBe(
      'SELECT a FROM t WHERE b = ? LIMIT ?, ?',
    );
  });

  it.each([
    ['limits', 'SELECT 1 FROM t WHERE a = 2 LIMIT 5, 10', 'SELECT ? FROM t WHERE a = ? LIMIT 5, 10'],
    [
      'limits',
      "SELECT a FROM t WHERE b = 'LIMIT 3' LIMIT 5 OFFSET 10",
      'SELECT a FROM t WHERE b = ? LIMIT 5 OFFSET 10',
    ],
    ['limits', "SELECT a FROM t LIMIT '5', 6, 7", 'SELECT a FROM t LIMIT ?, 6, 7'],
    [
      'numbers',
      "SELECT 1.5e3, 'x', 0x41, -2 FROM t WHERE a IN (1, 2)",
      'SELECT 1.5e3, ?, ?, -2 FROM t WHERE a IN (1, 2)',
    ],
    [
      'constants',
      "INSERT INTO t VALUES ('a', NULL, TRUE), (1, DEFAULT, FALSE)",
      'INSERT INTO t VALUES (?, NULL, TRUE), (?, DEFAULT, FALSE)',
    ],
  ] as const)('keeps %s: %s', (kind, sql, expected) => {
    const own = masker({ keep: [kind] });
    expect(shownOf(own, sql)).toBe(expected);
    expect(shownOf(own, expected)).toBe(expected);
  });

  it.each([
    ["SELECT a FROM users WHERE email = '¡'", 'SELECT a FROM users WHERE email = ¿'],
    ["SELECT a FROM users u WHERE u.email='¡'AND x='y'", 'SELECT a FROM users u WHERE u.email=¿ AND x=?'],
    [
      "SELECT a FROM users, t WHERE `users`.`email` <> '¡' AND t.email = 'x'",
      'SELECT a FROM users, t WHERE `users`.`email` <> ¿ AND t.email = ?',
    ],
    [
      "SELECT a FROM users WHERE email IN ('¡', \"¡\" ,'b')",
      `SELECT a FROM users WHERE email IN (¿, ¿ ,${token('b')})`,
    ],
    [
      "INSERT INTO users (id, email, note) VALUES (1, '¡', 'n'), (2, '¡', LOWER('x'))",
      'INSERT INTO users (id, email, note) VALUES (?, ¿, ?), (?, ¿, LOWER(?))',
    ],
    [
      "UPDATE shop.users SET note = 'n', email = '¡' WHERE id = 5",
      'UPDATE shop.users SET note = ?, email = ¿ WHERE id = ?',
    ],
    [
      "SELECT a FROM t WHERE card_no = 4111111111111111 OR t.card_no = '4111111111111111'",
      `SELECT a FROM t WHERE card_no = ${token('4111111111111111')} OR t.card_no = ${token('4111111111111111')}`,
    ],
  ])('makes tokens of the values of a column: %s', (sql, expected) => {
    const own = masker(tokens(['users.email', '*.card_no']));
    const value = "it's ü\n";
    const text = expected.replaceAll('¿', token(value));
    for (const spelling of ["it''s ü\\n", "it\\'s ü\n"]) {
      expect(shownOf(own, sql.replaceAll('"¡"', `'${spelling}'`).replaceAll('¡', spelling))).toBe(text);
    }
    expect(shownOf(own, text)).toBe(text);
  });

  it.each([
    "SELECT a FROM users, t WHERE email = 'x'",
    "SELECT a FROM users WHERE email = 'x' 'y'",
    "SELECT a FROM users WHERE email = 'x' COLLATE utf8_bin",
    "SELECT a FROM users WHERE email = 'x' || b",
    "SELECT a FROM users WHERE b + email = 'x'",
    "SELECT a FROM users WHERE email = _latin1'x'",
    "SELECT a FROM users WHERE LOWER(email) = 'x'",
    "SELECT a FROM users WHERE email > 'x'",
    "INSERT INTO users VALUES ('x')",
    "INSERT INTO users (email) SELECT 'x'",
    "SET PASSWORD = 'x'",
    "SELECT a FROM users WHERE id = '' AND email = 'O'x'",
  ])('does not guess: %s', (sql) => {
    expect(shownOf(masker(tokens(['users.email'])), sql)).not.toContain('?h');
  });

  it('makes tokens of all strings but those that may be credentials, and of none where the reading is not sure', () => {
    const own = masker(tokens([], 'all'));
    expect(shownOf(own, "SELECT 'a', 5 FROM t")).toBe(`SELECT ${token('a')}, ? FROM t`);
    expect(shownOf(own, "ALTER USER u IDENTIFIED BY 'a'")).toBe('ALTER USER u IDENTIFIED BY ?');
    expect(shownOf(own, "SELECT 'a\\n', 5 FROM t", UNKNOWN_MODE)).toBe('SELECT ?, ? FROM t');
    expect(shownOf(own, "SELECT 'a', 'b", DEFAULT_MODE, 'tail')).toBe(`SELECT ${token('a')}, ?`);
  });

  it('leaves digest, kind and tables as they are without it', () => {
    const sql = "SELECT a FROM users WHERE email IN ('a', 'b') LIMIT 5";
    expect(maskBytes(masker({ keep: ['numbers'], ...tokens(['*.email']) }), sql)).toEqual(maskBytes(new Masker(), sql));
  });

  it('knows tokens of older keys, and masks what only looks like one', () => {
    const own = masker(tokens(['*.a']));
    const old = new TokenMaker([OLD_KEY]).tokenOf('x');
    expect(shownOf(own, `SELECT b FROM t WHERE a = ${old}`)).toBe(`SELECT b FROM t WHERE a = ${old}`);
    const forged = `?h1:${'4111111111111111'.padEnd(24, '0')}`;
    expect(shownOf(own, `SELECT ${forged}, ?h9${old.slice(3)}`)).toBe('SELECT ?, ?');
    expect(shownOf(new Masker(), `SELECT ${old}, ${forged}`)).toBe('SELECT ?, ?');
  });

  it('masks what it masked to the same, and shows no string', () => {
    const own = masker({ keep: ['numbers', 'constants'], ...tokens(['*.b'], 'all') });
    const piece = fc.constantFrom(
      ..."SELECT|INSERT INTO t (a, b)|VALUES|FROM t|WHERE|b|=|IN|(|)|,|'qzx'|\"qzx\"|'q''zx'|12|LIMIT|NULL|;|AND|?|.|x'41'|_utf8'qzx'|/*!|*/|-|+|`c`|@v|ON".split(
        '|',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 16 }), fc.constantFrom('', ' '), (pieces, blank) => {
        const { digest } = maskBytes(own, pieces.join(blank));
        const masked = shownOf(own, pieces.join(blank));
        expect(masked).not.toMatch(/zx/);
        expect(shownOf(own, masked)).toBe(masked);
        expect(maskBytes(new Masker(), masked).digest).toBe(digest);
      }),
      { numRuns: 1500 },
    );
  });
});

describe('the rules of a masking policy for dropping', () => {
  function event(sql: string, changes: Partial<AuditEvent> = {}): AuditEvent {
    const made = new AuditEvent(FACTS);
    made.command = 'query';
    made.status = 'ok';
    made.userName = 'monitor';
    made.userNameSource = 'handshake';
    made.databaseName = 'shop';
    made.completeness = 'complete';
    if (sql !== '') made.sql = new SqlText(Buffer.from(sql), 0, Buffer.byteLength(sql), DEFAULT_MODE);
    return Object.assign(made, changes);
  }

  it.each<[string, MaskingPolicyOptions['drop'][number], AuditEvent, boolean]>([
    ['of a user', { user: 'monitor' }, event('SELECT 1'), true],
    ['of another user', { user: 'app' }, event('SELECT 1'), false],
    [
      'of a user that is not known for sure',
      { user: 'monitor' },
      event('SELECT 1', { userNameSource: 'unknown' }),
      false,
    ],
    ['of a login', { user: 'monitor' }, event('', { command: 'connect' }), true],
    ['of a refused login', { user: 'monitor' }, event('', { command: 'connect', status: 'error' }), false],
    ['of a database and user', { user: 'monitor', database: 'shop' }, event('SELECT 1'), true],
    ['of another database', { user: 'monitor', database: 'crm' }, event('SELECT 1'), false],
    ['of a table', { table: 'heartbeat' }, event('UPDATE heartbeat SET a = 1'), true],
    ['of a table of a database', { table: 'shop.heartbeat' }, event('UPDATE heartbeat SET a = 1'), true],
    ['of a table of another database', { table: 'crm.heartbeat' }, event('UPDATE heartbeat SET a = 1'), false],
    ['of a table beside another', { table: 'heartbeat' }, event('SELECT * FROM heartbeat, users'), false],
    [
      'of a table before a second statement',
      { table: 'heartbeat' },
      event('SELECT * FROM heartbeat; DROP TABLE heartbeat'),
      false,
    ],
  ])('match an event %s', (_, rule, made, isDropped) => {
    const mask = new Mask(new MaskingPolicy({ keep: [], drop: [rule] }));
    expect(mask.apply(made)).toBe(isDropped ? 'dropped_by_policy' : 'passed_on');
  });
});

describe('the schema of a masking policy', () => {
  it('takes nothing for a policy that masks all', () => {
    expect(maskingPolicySchema.parse({})).toEqual({
      keep: [],
      tokens: { strings: 'columns', columns: [], keys: [] },
      drop: [],
    });
  });

  it.each([
    { keep: ['strings'] },
    { unknown: 1 },
    { drop: [{}] },
    { tokens: { strings: 'all' } },
    { tokens: { columns: ['*.email'] } },
    { tokens: { columns: ['email'], keys: [{ id: 'h1', file: '/k' }] } },
    { tokens: { keys: [{ id: 'H1', file: '/k' }] } },
    {
      tokens: {
        keys: [
          { id: 'h1', file: '/k' },
          { id: 'h1', file: '/l' },
        ],
      },
    },
  ])('refuses %j', (section) => {
    expect(maskingPolicySchema.safeParse(section).success).toBe(false);
  });
});
