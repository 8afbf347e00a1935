import {
  COLUMN,
  DEFAULT_CAPABILITIES,
  greeting,
  loginPacket,
  packet,
  query,
  result,
  WITHOUT_DEPRECATE_EOF,
} from '../support/conversation.ts';
import { compressedFrame, zstdFrame } from './compressed-frame.ts';
import type { SeedConversation, SeedMessage } from './seed-conversation.ts';

const OK = '00 00 00 0200 0000';
const EOF = 'fe 0000 0200';
const ERR = 'ff 2804 23 3432303030 6e656172202778 27';
/** Auth data of every kind is made of this byte alone, which nothing else repeats. */
const AUTH = Buffer.alloc(20, 0x5a);
const CLIENT_SECRETS = [AUTH.subarray(0, 8)];
const SERVER_SECRETS = [Buffer.from('abcdefgh'), Buffer.from('ijklmnopqrst')];

const CAPS = DEFAULT_CAPABILITIES;
const SESSION_TRACK = CAPS | 0x80_0000;
const ATTRIBUTES = CAPS | 0x10_0000 | 0x20_0000;
const QUERY_ATTRIBUTES = CAPS | 0x800_0000;
const OPTIONAL_METADATA = CAPS | 0x200_0000;
const COMPRESSED = CAPS | 0x20;
const ZSTD = (CAPS | 0x400_0000) >>> 0;

type Part = readonly [fromClient: boolean, bytes: Buffer];
const c = (...parts: (string | Buffer)[]): Part => [true, raw(parts)];
const s = (...parts: (string | Buffer)[]): Part => [false, raw(parts)];

function raw(parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part.replace(/\s+/g, ''), 'hex') : part)),
  );
}

function text(value: string): Buffer {
  return Buffer.from(value);
}

function login(capabilities = CAPS): Part[] {
  return [s(greeting(capabilities)), c(loginPacket(capabilities)), s(packet(2, OK))];
}

function withAttributes(): Part[] {
  const pair = Buffer.concat([
    text('\x0cprogram_name\x05mysql'),
    text(`\x07_detail\xfc`),
    Buffer.from([44, 1]),
    Buffer.alloc(300, 0x62),
  ]);
  const total = Buffer.alloc(3);
  total[0] = 0xfc;
  total.writeUInt16LE(pair.length, 1);
  const plain = loginPacket(ATTRIBUTES).subarray(4);
  return [s(greeting(ATTRIBUTES)), c(packet(1, plain, total, pair)), s(packet(2, OK))];
}

const switchTo = (plugin: string) => packet(2, 'fe', text(`${plugin}\0abcdefghijklmnopqrst\0`));
const beforeAuth = [s(greeting(CAPS)), c(loginPacket(CAPS))];
const first = [c(query('SELECT 1')), s(result('1'))];
const prepare = (sql: string) => packet(0, '16', text(sql));
const prepareOk = [packet(1, '00 05000000 0100 0200 00 0000'), packet(2, COLUMN), packet(3, COLUMN), packet(4, COLUMN)];
const changeUser = packet(0, '11', text('bob\0'), '14', AUTH, text('hr\0'), '2d00', text('mysql_native_password\0'));

/** Every login kind, each followed by a query. */
const LOGINS: Record<string, Part[]> = {
  native: [...login(), ...first],
  'with attributes over 250 bytes': [...withAttributes(), ...first],
  'before 4.1': [
    s('0f 00 00 00 09 352e302e30 00 07000000', text('abcdefgh\0')),
    c(packet(1, '0500 000001', text('old\0'), Buffer.alloc(8, 0x5a))),
    s(packet(2, '00 00 00')),
    ...first,
  ],
  'auth switch': [...beforeAuth, s(switchTo('mysql_native_password')), c(packet(3, AUTH)), s(packet(4, OK)), ...first],
  'caching_sha2 fast': [...beforeAuth, s(packet(2, '01 03')), s(packet(3, OK)), ...first],
  'caching_sha2 full': [
    ...beforeAuth,
    s(packet(2, '01 04')),
    c(packet(3, '02')),
    s(packet(4, '01', text('-----BEGIN PUBLIC KEY-----'))),
    c(packet(5, Buffer.alloc(256, 0x5a))),
    s(packet(6, OK)),
    ...first,
  ],
  'several factors': [
    ...beforeAuth,
    s(packet(2, '02', text('authentication_ldap_sasl\0'), 'aabb')),
    c(packet(3, AUTH)),
    s(packet(4, OK)),
    ...first,
  ],
  'empty password': [...beforeAuth, s(switchTo('mysql_clear_password')), c(packet(3)), s(packet(4, OK)), ...first],
  refused: [...beforeAuth, s(packet(2, 'ff 1504 23 3238303030', text("Access denied for user 'eve'@'h'")))],
  'refused before the greeting': [s(packet(0, 'ff 6a04', text("Host 'x' is not allowed")))],
  tls: [
    s(greeting(CAPS | 0x800)),
    c(packet(1, '0daa0b01 00000001 2d', '00'.repeat(23))),
    c('16 0301 0005 0100000000'),
    s('16 0303 0004 02000000'),
  ],
  'proxy protocol 1': [c(text('PROXY TCP4 192.0.2.7 10.0.0.2 5000 3306\r\n')), ...login(), ...first],
  'proxy protocol 2': [c('0d0a0d0a000d0a515549540a 21 11 000c c0000207 0a000002 1388 0cea'), ...login(), ...first],
};

/** Every command and form of response. */
const COMMANDS: Record<string, Part[]> = {
  'several statements': [
    ...login(),
    c(query('SELECT 1; SELECT 2')),
    s(
      packet(1, '01'),
      packet(2, COLUMN),
      packet(3, '0131'),
      packet(4, 'fe 00 00 0a00 0000'),
      packet(5, '01'),
      packet(6, COLUMN),
      packet(7, '0132'),
      packet(8, 'fe 00 00 0200 0000'),
    ),
  ],
  'EOF packets': [
    ...login(WITHOUT_DEPRECATE_EOF),
    c(query("SELECT a FROM t WHERE b = 'x'")),
    s(packet(1, '01'), packet(2, COLUMN), packet(3, EOF), packet(4, '0131'), packet(5, 'fb'), packet(6, EOF)),
    c(packet(0, '04', text('t\0a%'))),
    s(packet(1, COLUMN), packet(2, EOF)),
  ],
  'prepared statements': [
    ...login(),
    c(prepare('SELECT a FROM t WHERE b = ? AND c = ?')),
    s(...prepareOk),
    c(packet(0, '18 05000000 0100', text('long'))),
    c(packet(0, '17 05000000 00 01000000 00 01 0300 fd00', '2a000000 03616263')),
    s(packet(1, '01'), packet(2, COLUMN), packet(3, '00 00 0161'), packet(4, 'fe 00 00 0200 0000')),
    c(packet(0, '17 05000000 00 01000000 03 00')),
    s(packet(1, OK)),
    c(packet(0, '1a 05000000')),
    s(packet(1, OK)),
    c(packet(0, '19 05000000')),
  ],
  'all types': [
    ...login(),
    c(prepare('INSERT INTO t VALUES (?,?,?,?,?,?,?,?)')),
    s(packet(1, '00 05000000 0000 0800 00 0000'), ...Array.from({ length: 8 }, (_, i) => packet(2 + i, COLUMN))),
    c(
      packet(
        0,
        '17 05000000 00 01000000 00 01 0880 0500 0700 0b00 0100 f600 fc00 0a00',
        'ffffffffffffffff',
        '000000000000f03f',
        '0b e907 0b15 010203 40420f00',
        '0c 01 02000000 010203 40420f00',
        'ff',
        '03312e35',
        '03616263',
        '00',
      ),
    ),
    s(packet(1, '00 01 02 0200 0000')),
  ],
  cursor: [
    ...login(WITHOUT_DEPRECATE_EOF),
    c(prepare('SELECT 1')),
    s(packet(1, '00 05000000 0100 0000 00 0000'), packet(2, COLUMN), packet(3, EOF)),
    c(packet(0, '17 05000000 01 01000000')),
    s(packet(1, '01'), packet(2, COLUMN), packet(3, 'fe 0000 4200')),
    c(packet(0, '1c 05000000 02000000')),
    s(packet(1, '00 00 0161'), packet(2, 'fe 0000 8200')),
  ],
  'pipelined prepare and execute': [
    ...login(),
    c(prepare('SELECT ?'), packet(0, '17 ffffffff 00 01000000 00 01 0300 01000000')),
    s(packet(1, '00 09000000 0000 0100 00 0000'), packet(2, COLUMN)),
    s(packet(1, OK)),
  ],
  'bulk execute': [
    ...login(),
    c(prepare('INSERT INTO t VALUES (?)')),
    s(packet(1, '00 05000000 0000 0100 00 0000'), packet(2, COLUMN)),
    c(packet(0, 'fa 05000000 8000 0300 00 01000000 00 02000000 01')),
    s(packet(1, '00 03 00 0200 0000')),
  ],
  'query attributes': [
    ...login(QUERY_ATTRIBUTES),
    c(packet(0, '03 01 01 00 01 fd00 05', text('trace'), '04', text('abcd'), text('SELECT 1'))),
    s(result('1')),
    c(packet(0, '03 00 01', text('SELECT 2'))),
    s(result('2')),
  ],
  'optional metadata': [
    ...login(OPTIONAL_METADATA),
    c(query('SELECT 1')),
    s(packet(1, '01 00'), packet(2, '0131'), packet(3, 'fe 00 00 0200 0000')),
  ],
  'session track': [
    ...login(SESSION_TRACK),
    c(query('USE hr')),
    s(packet(1, '00 00 00 0240 0000 00 05 01 03 02', text('hr'))),
    c(query("SET NAMES gbk, sql_mode='ANSI_QUOTES'")),
    s(packet(1, '00 00 00 0240 0000 00 1b 00 19 14', text('character_set_client'), '03', text('gbk'))),
    c(query('SELECT 1')),
    s(result('1')),
  ],
  'local infile': [
    ...login(),
    c(query("LOAD DATA LOCAL INFILE 'f' INTO TABLE t")),
    s(packet(1, 'fb', text('f'))),
    c(packet(2, '03', text('DROP TABLE t'))),
    c(packet(3)),
    s(packet(4, '00 01 00 0200 0000')),
    ...first,
  ],
  'change of user': [
    ...login(),
    c(changeUser),
    s(packet(1, OK)),
    ...first,
    c(changeUser),
    s(packet(1, 'fe', text('mysql_native_password\0abcdefghijklmnopqrst\0'))),
    c(packet(2, AUTH)),
    s(packet(3, ERR)),
  ],
  'small commands': [
    ...login(),
    ...['0e', '02 6872', '1f', '0c 07000000', '0d', '1b 0000', '0a', '07 01'].flatMap((hex) => [
      c(packet(0, hex)),
      s(packet(1, hex === '0d' || hex === '1b 0000' ? EOF : OK)),
    ]),
    c(packet(0, '09')),
    s(packet(1, text('Uptime: 1'))),
    c(packet(0, '01')),
  ],
  binlog: [
    ...login(),
    c(packet(0, '15 01000000 00 00 00 ea0c 00000000 00000000')),
    s(packet(1, OK)),
    c(packet(0, '12 04000000 0000 01000000', text('bin.000001'))),
    s(packet(1, '00', Buffer.alloc(60, 3))),
    s(packet(2, '00', Buffer.alloc(60, 4))),
  ],
  'binlog by gtid': [
    ...login(),
    c(packet(0, '1e 0000 01000000 0a000000', text('bin.000001'), '0400000000000000 00000000')),
    s(packet(1, '00', Buffer.alloc(60, 3))),
  ],
  errors: [
    ...login(),
    c(query('SELEC 1')),
    s(packet(1, ERR)),
    c(query('SELECT a')),
    s(packet(1, '01'), packet(2, COLUMN), packet(3, '0131'), packet(4, ERR)),
    c(query('ALTER TABLE t FORCE')),
    s(packet(1, 'ff ffff 01 01 02 000000 03', text('abc'))),
    s(packet(2, OK)),
  ],
  'a long statement': [
    ...login(),
    c(query(`INSERT INTO t VALUES ${"(1,'abc'),".repeat(150)}(2,'d')`)),
    s(packet(1, OK)),
  ],
};

function compressed(parts: readonly Part[], isZstd: boolean): Part[] {
  return parts.map(([fromClient, bytes], i) => {
    if (i < 3) return [fromClient, bytes];
    const id = fromClient ? 0 : 1;
    const isSmall = bytes.length < 256;
    return [fromClient, isZstd && isSmall ? zstdFrame(id, bytes) : compressedFrame(id, bytes, bytes.length < 50)];
  });
}

function conversation(name: string, parts: readonly Part[], loginMessages: number, sawSyn = true): SeedConversation {
  const messages: SeedMessage[] = parts.map(([fromClient, bytes]) => ({ fromClient, bytes }));
  return { name, sawSyn, loginMessages, messages, clientSecrets: CLIENT_SECRETS, serverSecrets: SERVER_SECRETS };
}

/** Conversations of every login kind, command and form of response, plain, compressed and joined late. */
export const MADE_CONVERSATIONS: readonly SeedConversation[] = [
  ...Object.entries(LOGINS).map(([name, parts]) => conversation(`login: ${name}`, parts, 0)),
  ...Object.entries(COMMANDS).map(([name, parts]) => conversation(name, parts, 3)),
  ...Object.entries(COMMANDS).map(([name, parts]) => conversation(`midstream: ${name}`, parts.slice(3), 0, false)),
  ...['several statements', 'prepared statements', 'small commands', 'a long statement'].flatMap((name) =>
    [false, true].map((isZstd) => {
      const parts = [...login(isZstd ? ZSTD : COMPRESSED), ...COMMANDS[name]!.slice(3)];
      return conversation(`${isZstd ? 'zstd' : 'zlib'}: ${name}`, compressed(parts, isZstd), 3);
    }),
  ),
];
