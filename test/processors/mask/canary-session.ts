import { CAPABILITY } from '../../../protocol/capabilities.ts';
import { COLUMN, Conversation, DEFAULT_CAPABILITIES, greeting, packet } from '../../support/conversation.ts';
import { CANARY, Dice, NUMBER_CANARY, statementOf, type Truth } from './statement-generator.ts';

/** Ids of a collation of each character set of the generator. */
const COLLATIONS: Readonly<Record<string, number>> = {
  utf8mb4: 45,
  latin1: 8,
  gbk: 28,
  gb18030: 248,
  sjis: 13,
  cp932: 95,
  big5: 1,
  euckr: 19,
  cp1251: 51,
};
const CAPABILITIES = DEFAULT_CAPABILITIES | CAPABILITY.connectAttributes | CAPABILITY.localFiles;
const NO_BACKSLASH_ESCAPES = 0x0200;
const WAYS = 9;

/** What of a session holds canaries: batches as the edge ships them, and the number of commands in them. */
export interface CanarySession {
  readonly batches: readonly Buffer[];
  readonly commands: number;
}

/**
 * One login and three statements of the generator in its mode, each sent in one of the ways that the protocol has, with canaries
 * wherever a client or server may put a value: password, bound values, long data, query attributes, files, result rows, messages.
 */
export function canarySession(seed: number): CanarySession {
  const dice = new Dice(seed);
  const first = statementOf(seed);
  const session = new Session(first.mode);
  session.statement(first.sql, dice.roll(WAYS), dice);
  for (let found = 0, other = seed; found < 2; other = (other + 1) | 0) {
    const { mode, sql } = statementOf(other);
    // The mode stays for the whole session.
    if (mode.charset !== first.mode.charset || mode.ansiQuotes !== first.mode.ansiQuotes) continue;
    if (mode.noBackslashEscapes !== first.mode.noBackslashEscapes) continue;
    session.statement(sql, dice.roll(WAYS), dice);
    found++;
  }
  return { batches: session.talk.end(), commands: session.commands };
}

class Session {
  readonly talk = new Conversation();
  commands = 0;
  private readonly ok: Buffer;
  /** Flags of the session, as every answer of a server has them. */
  private readonly status = Buffer.alloc(2);
  private readonly hasAttributes: boolean;

  constructor(mode: Truth) {
    this.hasAttributes = mode.charset.length % 2 === 0;
    const capabilities = CAPABILITIES | (this.hasAttributes ? CAPABILITY.queryAttributes : 0);
    this.status.writeUInt16LE(2 | (mode.noBackslashEscapes ? NO_BACKSLASH_ESCAPES : 0));
    this.ok = Buffer.concat([Buffer.from([0, 0, 0]), this.status, Buffer.from([0, 0])]);
    this.talk.server(greeting(capabilities)).client(login(capabilities, COLLATIONS[mode.charset]!));
    this.talk.server(packet(2, this.ok));
    this.query(Buffer.from(`SET sql_mode = '${mode.ansiQuotes ? 'ANSI_QUOTES' : ''}'`)).server(packet(1, this.ok));
  }

  statement(sql: Buffer, way: number, dice: Dice): void {
    switch (way) {
      case 0:
        this.query(sql).server(packet(1, this.ok));
        return;
      case 1:
        this.query(sql).server(this.result(CANARY, NUMBER_CANARY));
        return;
      case 2:
        this.query(sql).server(failure(1064, near(sql.subarray(dice.roll(sql.length)))));
        return;
      case 3:
        this.query(sql).server(failure(1062, `Duplicate entry '${CANARY}-${NUMBER_CANARY}' for key 't.PRIMARY'`));
        return;
      case 4:
        this.query(sql).server(failure(1644, `${CANARY}'s own words, ${NUMBER_CANARY}`));
        return;
      case 5:
        this.prepared(sql);
        return;
      case 6: {
        // Bytes of the statement are lost, and more come than are answered.
        const whole = packet(0, '03', sql);
        const cut = 5 + dice.roll(sql.length);
        this.commands++;
        this.talk.client(whole.subarray(0, cut)).gap(true, whole.length - cut);
        return;
      }
      case 7:
        this.query(sql).server(packet(1, 'fb', Buffer.from(`/home/${CANARY}.csv`)));
        this.talk.client(packet(2, Buffer.from(`1,${CANARY},${NUMBER_CANARY}\n`)), packet(3, ''));
        this.talk.server(packet(4, this.ok));
        return;
      default:
        this.query(sql);
    }
  }

  private query(sql: Buffer): Conversation {
    this.commands++;
    return this.talk.client(packet(0, '03', this.attributes(), sql));
  }

  private result(...texts: string[]): Buffer {
    const rows = texts.map((value, i) => packet(3 + i, text(value)));
    const end = packet(3 + texts.length, 'fe 0000', this.status, '0000');
    return Buffer.concat([packet(1, '01'), packet(2, COLUMN), ...rows, end]);
  }

  /** Prepare, a long value, execute with two bound values, and an error that quotes one. */
  private prepared(sql: Buffer): void {
    this.commands += 4;
    const columns = [packet(2, COLUMN), packet(3, COLUMN)];
    this.talk.client(packet(0, '16', sql)).server(packet(1, '00 05000000 0000 0200 00 0000'), ...columns);
    this.talk.client(packet(0, '18 05000000 0000', Buffer.from(`long ${CANARY}`)));
    const values = Buffer.concat([text(CANARY), text(`${NUMBER_CANARY}.5`)]);
    const execute = this.hasAttributes
      ? packet(0, '17 05000000 08 01000000 02 00 01 fd00 00 f600 00', values)
      : packet(0, '17 05000000 00 01000000 00 01 fd00 f600', values);
    this.talk.client(execute).server(failure(1366, `Incorrect integer value: '${CANARY}' for column \`a\` at row 1`));
    this.talk.client(packet(0, '1b 0100')).server(packet(1, 'fe 0000', this.status));
  }

  /** One attribute named `trace` with a canary as its value, where the session has attributes. */
  private attributes(): Buffer {
    if (!this.hasAttributes) return Buffer.alloc(0);
    return Buffer.concat([Buffer.from('010100010f0005', 'hex'), Buffer.from('trace'), text(CANARY)]);
  }
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
}

function near(sql: Buffer): Buffer {
  const before = "You have an error in your SQL syntax; check the manual for the right syntax to use near '";
  return Buffer.concat([Buffer.from(before), sql.subarray(0, 80), Buffer.from("' at line 1")]);
}

function failure(code: number, message: string | Buffer): Buffer {
  const number = Buffer.alloc(2);
  number.writeUInt16LE(code);
  return packet(1, 'ff', number, Buffer.from('#42000'), Buffer.from(message));
}

/** A login whose password is the canary, sent in the clear, as an authentication plugin may. */
function login(capabilities: number, collation: number): Buffer {
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(capabilities >>> 0);
  const attributes = Buffer.concat([text('program_name'), text('billing'), text('password'), text(CANARY)]);
  return packet(
    1,
    flags,
    '00000001',
    Buffer.from([collation]),
    '00'.repeat(23),
    Buffer.from('app\0'),
    text(CANARY),
    Buffer.from('shop\0mysql_clear_password\0'),
    Buffer.from([attributes.length]),
    attributes,
  );
}
