import { okPayload, packet, u32, WireCapture, type WirePeer } from './wire-capture.ts';

/** Statements are this far apart, so that 200,000 of them spread over five minutes. */
const STEP_US = 1_500;
const START_US = 1_767_225_600_000_000;
const PREPARED = 5;
/** A connection ends after so many of its statements and is opened again on a port of its own. */
const STATEMENTS_A_CONNECTION = 1_500;

/** One statement of the workload: what the trail must hold of it, once. */
export interface NumberedStatement {
  /** Its number, which the server answers as affected rows. */
  readonly number: number;
  readonly connectionId: number;
  readonly command: 'query' | 'execute';
  readonly masked: string;
}

/**
 * A capture whose every statement can be told from all others by what the server answers: statement n affects n rows. Every
 * second one is the execution of a statement that its connection prepared long before. Deterministic.
 *
 * @param path The pcap file to write.
 * @param before The numbers begin behind this one.
 * @returns The ground truth, in the order of the numbers.
 */
export async function writeNumberedWorkload(
  path: string,
  statements: number,
  connections: number,
  before = 0,
): Promise<NumberedStatement[]> {
  const capture = new WireCapture(path);
  const truth: NumberedStatement[] = [];
  const lanes = Array.from({ length: connections }, (_, i) => new Lane(capture, i, connections));
  for (let number = before + 1; number <= before + statements; number++) {
    const timeUs = START_US + number * STEP_US;
    truth.push(lanes[number % connections]!.statement(number, timeUs));
    await capture.ready();
  }
  // All but the last few end as they should; those are left in the middle, as in every capture.
  for (const lane of lanes.slice(2)) lane.end(START_US + (before + statements + 1) * STEP_US);
  await capture.end();
  return truth;
}

/** One client that keeps one connection at a time. */
class Lane {
  readonly #capture: WireCapture;
  readonly #lanes: number;
  #next: number;
  #peer: WirePeer | null = null;
  #threadId = 0;
  #left = 0;

  constructor(capture: WireCapture, index: number, lanes: number) {
    this.#capture = capture;
    this.#next = index;
    this.#lanes = lanes;
    // So that not all connections end at once.
    this.#left = -1 - ((index * 97) % STATEMENTS_A_CONNECTION);
  }

  statement(number: number, timeUs: number): NumberedStatement {
    const peer = this.#connection(timeUs - 200);
    this.#left--;
    // The lane's own parity: the statements of one connection take turns.
    const isExecute = this.#left % 2 === 0;
    const at = 1 + (number % PREPARED);
    const request = isExecute ? execute(at, number) : query(`UPDATE t${at} SET a=${number} WHERE id='k${number}'`);
    this.#capture.client(peer, request, timeUs);
    this.#capture.server(peer, packet(okPayload(number), 1), timeUs + 120);
    return {
      number,
      connectionId: this.#threadId,
      command: isExecute ? 'execute' : 'query',
      masked: isExecute ? `UPDATE p${at} SET b=? WHERE id=?` : `UPDATE t${at} SET a=? WHERE id=?`,
    };
  }

  end(timeUs: number): void {
    if (this.#peer === null) return;
    this.#capture.client(this.#peer, packet(Buffer.from([1]), 0), timeUs);
    this.#capture.disconnect(this.#peer, timeUs + 1);
    this.#peer = null;
  }

  #connection(timeUs: number): WirePeer {
    if (this.#peer !== null && this.#left > 0) return this.#peer;
    this.end(timeUs);
    this.#left = this.#left < 0 ? -this.#left : STATEMENTS_A_CONNECTION;
    this.#threadId = this.#next + 1;
    const peer = this.#capture.connect(this.#next, this.#threadId, timeUs + 10);
    this.#next += this.#lanes;
    for (let at = 1; at <= PREPARED; at++) {
      this.#capture.client(peer, prepare(`UPDATE p${at} SET b=? WHERE id=?`), timeUs + 20 + at * 10);
      this.#capture.server(peer, preparedAnswer(at), timeUs + 25 + at * 10);
    }
    this.#peer = peer;
    return peer;
  }
}

function query(sql: string): Buffer {
  return packet(Buffer.concat([Buffer.from([3]), Buffer.from(sql)]), 0);
}

function prepare(sql: string): Buffer {
  return packet(Buffer.concat([Buffer.from([0x16]), Buffer.from(sql)]), 0);
}

/** PREPARE_OK without columns, two parameters, their definitions and an EOF. */
function preparedAnswer(id: number): Buffer {
  const ok = Buffer.concat([Buffer.from([0]), u32(id), Buffer.from([0, 0, 2, 0, 0, 0, 0])]);
  const name = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
  const parameter = Buffer.concat([
    ...['def', '', '', '', '?', ''].map(name),
    Buffer.from([0x0c, 63, 0, 0, 0, 0, 0, 0xfd, 0x80, 0, 0, 0, 0]),
  ]);
  return Buffer.concat([packet(ok, 1), packet(parameter, 2), packet(parameter, 3)]);
}

/** Two LONG parameters whose types are sent each time. */
function execute(id: number, number: number): Buffer {
  const body = Buffer.concat([
    Buffer.from([0x17]),
    u32(id),
    Buffer.from([0, 1, 0, 0, 0, 0, 1, 3, 0, 3, 0]),
    u32(number),
    u32(number),
  ]);
  return packet(body, 0);
}
