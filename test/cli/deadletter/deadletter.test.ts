import { beforeEach, describe, expect, it } from 'vitest';
import type { Bus, BusRecord, OutgoingRecord } from '../../../bus/bus.ts';
import { lettersText } from '../../../cli/deadletter/print-letters.ts';
import { readLetters } from '../../../cli/deadletter/read-letters.ts';
import { replayLetter } from '../../../cli/deadletter/replay-letter.ts';
import { SqltrailError } from '../../../runtime/errors.ts';
import type { DeadLetterRow } from '../../../schemas/dead-letter-schema.ts';
import { MESSAGE_KIND } from '../../../schemas/message-batch.ts';
import { MessageBatchWriter } from '../../../schemas/message-batch-writer.ts';
import { stateTopic, TOPIC } from '../../../schemas/topics.ts';
import { connectionPayload } from '../../support/connection-payload.ts';

const LETTER: DeadLetterRow = {
  time: '2026-01-31T12:00:00.000000Z',
  stage: 'decode',
  reason: 'unreadable',
  error_code: 'not_a_batch',
  topic: TOPIC.messages,
  partition: 0,
  offset: 0,
  bytes: 7,
};

/** Topics of one partition in memory. */
class MemoryBus implements Pick<Bus, 'partitions' | 'read' | 'send'> {
  readonly topics = new Map<string, BusRecord[]>();

  partitions(topic: string): Promise<number> {
    if (this.topics.has(topic)) return Promise.resolve(1);
    return Promise.reject(new SqltrailError('topic_missing', `There is no topic ${topic}.`, 'Create it.'));
  }

  async *read(topic: string, _partition: number, fromOffset = 0): AsyncIterable<readonly BusRecord[]> {
    const records = (this.topics.get(topic) ?? []).filter((record) => record.offset >= fromOffset);
    for (const record of records) yield [record];
  }

  send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    const log = this.topics.get(topic) ?? [];
    this.topics.set(topic, log);
    for (const record of records) log.push({ ...record, topic, offset: (log.at(-1)?.offset ?? -1) + 1, timeMs: 0 });
    return Promise.resolve();
  }

  add(topic: string, ...values: (string | Buffer)[]): Promise<void> {
    return this.send(
      topic,
      values.map((value) => ({ partition: 0, key: null, value: Buffer.from(value) })),
    );
  }

  values(topic: string): string[] {
    return (this.topics.get(topic) ?? []).map(({ value }) => String(value));
  }
}

let bus: MemoryBus;
beforeEach(() => {
  bus = new MemoryBus();
});

const addLetters = (...letters: object[]) => bus.add(TOPIC.deadLetter, ...letters.map((each) => JSON.stringify(each)));
const replay = (letter: Partial<DeadLetterRow>, isDryRun = false) =>
  replayLetter(bus, { ...LETTER, ...letter, key: '' }, isDryRun);

function goodBatch(): Buffer {
  const batch = new MessageBatchWriter({ edgeId: 'e', runUs: 1, serverId: 's' }, 256 * 1024);
  const connection = batch.announce(
    connectionPayload(Buffer.alloc(16), new Uint32Array(4), 1, new Uint32Array(4), 2),
    0,
  );
  batch.add(MESSAGE_KIND.command, 0, connection, 1, 1, 2, Buffer.from('\x03x'), 0, 2);
  return batch.take();
}

describe('dead letters', () => {
  it('are listed once each, oldest first, by the key of their origin', async () => {
    await addLetters({ ...LETTER, offset: 5, time: '2026-01-31T12:00:01.000000Z' }, LETTER, LETTER, {
      ...LETTER,
      line: 3,
    });
    const { letters } = await readLetters(bus, {});
    expect(letters.map(({ key }) => key)).toEqual([
      'mysql.messages.v1/0/0',
      'mysql.messages.v1/0/0/3',
      'mysql.messages.v1/0/5',
    ]);
  });

  it('are chosen by time, by reason or error code, and by stage', async () => {
    await addLetters(
      LETTER,
      { ...LETTER, offset: 1, stage: 'store', reason: 'rejected', error_code: '27' },
      { ...LETTER, offset: 2, time: '2026-02-01T00:00:00.000000Z' },
    );
    const offsets = async (filter: Parameters<typeof readLetters>[1]) =>
      (await readLetters(bus, filter)).letters.map(({ offset }) => offset);
    expect(await offsets({ since: '2026-01-31T13:00:00.000000Z' })).toEqual([2]);
    expect(await offsets({ reason: 'rejected' })).toEqual([1]);
    expect(await offsets({ reason: '27', stage: 'store' })).toEqual([1]);
    expect(await offsets({ stage: 'decode' })).toEqual([0, 2]);
  });

  it('are counted where they are none, and where there is no room', async () => {
    await bus.add(TOPIC.deadLetter, 'garbage', '{"time":1}');
    await addLetters(LETTER, { ...LETTER, offset: 1 }, { ...LETTER, offset: 2 });
    const { letters, unreadable, leftOut } = await readLetters(bus, {}, 2);
    expect([letters.map(({ offset }) => offset), unreadable, leftOut]).toEqual([[1, 2], 2, 1]);
  });

  it('are printed as a table, an array or lines, with control characters written out', async () => {
    await addLetters({ ...LETTER, reason: 'a\u001b[2J' });
    const { letters } = await readLetters(bus, {});
    const table = lettersText(letters, 'table', Number.POSITIVE_INFINITY);
    expect(table).toContain('mysql.messages.v1/0/0');
    expect(table).not.toContain('\u001b');
    expect(JSON.parse(lettersText(letters, 'json', 80))).toEqual(letters);
    expect(JSON.parse(lettersText(letters, 'ndjson', 80))).toEqual(letters[0]);
  });
});

describe('replay', () => {
  it('sends the record to its topic again where this version reads it', async () => {
    const batch = goodBatch();
    await bus.add(TOPIC.messages, batch);
    expect(await replay({})).toBeNull();
    expect(bus.topics.get(TOPIC.messages)?.map(({ value }) => value)).toEqual([batch, batch]);
  });

  it('sends only the line that was refused', async () => {
    await bus.add(TOPIC.audit, '{"event_id":"a"}\n{"event_id":"b"}\n{"event_id":"c"}\n');
    expect(await replay({ topic: TOPIC.audit, stage: 'store', line: 1 })).toBeNull();
    expect(bus.values(TOPIC.audit)[1]).toBe('{"event_id":"b"}\n');
  });

  it('sends the lines behind it too where the letter stands for further ones, but for those that nobody can read', async () => {
    await bus.add(TOPIC.audit, '{"a":0}\n{"a":1}\nno json\n{"a":3}\n');
    expect(await replay({ topic: TOPIC.audit, stage: 'store', line: 1, further_lines: 2 })).toBeNull();
    expect(bus.values(TOPIC.audit)[1]).toBe('{"a":1}\n{"a":3}\n');
    expect(await replay({ topic: TOPIC.audit, stage: 'store', line: 2, further_lines: 1 })).toBeNull();
    expect(bus.values(TOPIC.audit)[2]).toBe('{"a":3}\n');
    await bus.add(TOPIC.audit, '{"a":0}\nno json\nnone\n');
    const nothing = await replay({ topic: TOPIC.audit, stage: 'store', offset: 3, line: 1, further_lines: 1 });
    expect(nothing).toMatch(/cannot read it/);
  });

  it('sends nothing in a dry run, and says the same', async () => {
    await bus.add(TOPIC.messages, goodBatch(), 'garbage');
    expect(await replay({}, true)).toBeNull();
    expect(await replay({ offset: 1 }, true)).toBe('this version cannot read it either');
    expect(bus.values(TOPIC.messages)).toHaveLength(2);
  });

  it('sends no batch of which a part was used, and nothing that would only come back', async () => {
    const cut = goodBatch().subarray(0, -1);
    await bus.add(TOPIC.messages, cut, Buffer.from('SQT2...'), 'garbage');
    for (const offset of [0, 1, 2]) expect(await replay({ offset })).toBe('this version cannot read it either');
    await bus.add(TOPIC.audit, 'no json\n');
    expect(await replay({ topic: TOPIC.audit, line: 0 })).toBe('this version cannot read it either');
    expect(await replay({ topic: TOPIC.audit, line: 9 })).toBe('this version cannot read it either');
    expect(bus.values(TOPIC.messages)).toHaveLength(3);
  });

  it('says that a record, or its topic, is gone', async () => {
    await bus.add(TOPIC.messages, goodBatch(), goodBatch());
    bus.topics.get(TOPIC.messages)?.shift();
    expect(await replay({ offset: 0 })).toBe('its origin is no longer kept');
    expect(await replay({ offset: 7 })).toBe('its origin is no longer kept');
    expect(await replay({ partition: 4 })).toBe('its origin is no longer kept');
    expect(await replay({ topic: TOPIC.audit })).toBe('its origin is no longer kept');
  });

  it('says that no topic holds a row whose stages ran in one process', async () => {
    await bus.add(TOPIC.messages, goodBatch());
    expect(await replay({ stage: 'store', event_id: 'e' })).toContain('in one process');
    expect(bus.values(TOPIC.messages)).toHaveLength(1);
  });

  it('sends nothing to state and other topics', async () => {
    const topics = [stateTopic('sqltrail.decode'), TOPIC.deadLetter, 'somebody.elses'];
    for (const topic of topics) {
      await bus.add(topic, '{}');
      expect(await replay({ topic })).toContain('not sent again');
      expect(bus.values(topic)).toHaveLength(1);
    }
  });
});
