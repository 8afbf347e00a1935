import { describe, expect, it } from 'vitest';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import type { BlockInserter } from '../../../processors/store/batch-writer.ts';
import { SqltrailError } from '../../../runtime/errors.ts';
import { auditEvent } from './events.ts';

/** A client that records what is inserted and finishes when told to. */
class ManualInserter implements BlockInserter {
  readonly inserted: { table: string; token: string; bytes: number }[] = [];
  readonly #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  isClosed = false;
  isManual = true;

  insert(table: string, _structure: string, block: Buffer, token: string): Promise<void> {
    this.inserted.push({ table, token, bytes: block.length });
    if (!this.isManual) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async finish(error?: unknown): Promise<void> {
    const next = this.#waiting.shift();
    if (error === undefined) next?.resolve();
    else next?.reject(error);
    await new Promise((resolve) => setImmediate(resolve));
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

const withoutText = { statement: null };

describe('AuditStore', () => {
  it('inserts the texts of a batch before its facts, and the marks of their minutes behind them', async () => {
    const client = new ManualInserter();
    client.isManual = false;
    const store = new AuditStore(client);
    store.add(auditEvent(1, 0));
    await store.close();
    expect(client.inserted.map(({ table }) => table)).toEqual(['statements', 'audit_events', 'rollup_marks']);
    expect(client.isClosed).toBe(true);
  });

  it('asks to wait only when one batch is full and another is being written', async () => {
    const client = new ManualInserter();
    const store = new AuditStore(client, { batchRows: 3 });
    for (let i = 0; i < 5; i++) store.add(auditEvent(1, i, withoutText));
    expect(store.ready()).toBeNull();
    store.add(auditEvent(1, 5, withoutText));
    const wait = store.ready();
    expect(wait).not.toBeNull();
    expect(client.inserted).toHaveLength(1);
    await client.finish();
    await client.finish();
    await wait;
    expect(store.ready()).toBeNull();
    expect(client.inserted.filter(({ table }) => table === 'audit_events')).toHaveLength(2);
  });

  it('writes a batch when its bytes reach the limit', () => {
    const client = new ManualInserter();
    const store = new AuditStore(client, { batchBytes: 10_000 });
    for (let i = 0; client.inserted.length === 0 && i < 1000; i++)
      store.add(auditEvent(1, i, { ...withoutText, errorMessageMasked: 'x'.repeat(1000) }));
    expect(store.counters.events).toBeLessThan(11);
  });

  it('writes a batch that is not full when it is old enough', () => {
    const client = new ManualInserter();
    const store = new AuditStore(client, { batchAgeMs: 1000 });
    store.tick(0);
    store.add(auditEvent(1, 0, withoutText));
    store.tick(500);
    store.tick(1499);
    expect(client.inserted).toHaveLength(0);
    store.tick(1500);
    expect(client.inserted).toHaveLength(1);
  });

  it('gives equal batches equal tokens and different batches different ones', async () => {
    const client = new ManualInserter();
    client.isManual = false;
    const store = new AuditStore(client);
    for (const sequence of [1, 1, 2]) {
      store.add(auditEvent(1, sequence, withoutText));
      await store.flush();
    }
    const [first, again, other] = client.inserted
      .filter(({ table }) => table === 'audit_events')
      .map(({ token }) => token);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('sends a batch again after a failure that may pass', async () => {
    const client = new ManualInserter();
    const store = new AuditStore(client);
    store.add(auditEvent(1, 0, withoutText));
    const flushed = store.flush();
    await new Promise((resolve) => setImmediate(resolve));
    await client.finish(new SqltrailError('store_failed', 'It is away.', 'Wait.', { retriable: true }));
    client.isManual = false;
    await flushed;
    expect(store.counters).toMatchObject({ retries: 1, batches: 1 });
    const facts = client.inserted.filter(({ table }) => table === 'audit_events');
    expect(new Set(facts.map(({ token }) => token)).size).toBe(1);
    expect(facts).toHaveLength(2);
  });

  it('reports a failure that stays from everything that follows, and still closes', async () => {
    const client = new ManualInserter();
    const store = new AuditStore(client, { batchRows: 1 });
    store.add(auditEvent(1, 0, withoutText));
    await client.finish(new SqltrailError('store_failed', 'The disk is full.', 'Free some.'));
    expect(() => store.add(auditEvent(1, 1, withoutText))).toThrow('The disk is full.');
    await expect(store.ready()).rejects.toThrow('The disk is full.');
    await expect(store.close()).rejects.toThrow('The disk is full.');
    expect(client.isClosed).toBe(true);
  });

  it('says when what was added before is written, while more is added', async () => {
    const client = new ManualInserter();
    const store = new AuditStore(client, { batchRows: 2 });
    expect(await store.written()).toBeUndefined();
    store.add(auditEvent(1, 0, withoutText));
    store.add(auditEvent(1, 1, withoutText));
    let isWritten = false;
    const written = store.written().then(() => {
      isWritten = true;
    });
    store.add(auditEvent(1, 2, withoutText));
    await client.finish();
    expect(isWritten).toBe(false);
    await client.finish();
    await written;
    expect(store.counters).toMatchObject({ events: 3, rowsWritten: 2 });
  });

  it('does not wait for a batch to fill before it says so', async () => {
    const client = new ManualInserter();
    client.isManual = false;
    const store = new AuditStore(client, { batchAgeMs: 10 });
    store.add(auditEvent(1, 0, withoutText));
    await store.written();
    expect(store.counters).toMatchObject({ rowsWritten: 1 });
    await store.close();
  });

  it('says that nothing will be written where writing failed for good', async () => {
    const client = new ManualInserter();
    const store = new AuditStore(client, { batchRows: 1 });
    store.add(auditEvent(1, 0, withoutText));
    const refused = expect(store.written()).rejects.toThrow('The disk is full.');
    await client.finish(new SqltrailError('store_failed', 'The disk is full.', 'Free some.'));
    await refused;
    await expect(store.written()).rejects.toThrow('The disk is full.');
    expect(store.isAvailable).toBe(false);
  });

  it('tries for ever in a service, says so, and stops when told to', async () => {
    const client = new ManualInserter();
    const stop = new AbortController();
    const troubles: string[] = [];
    const store = new AuditStore(client, {
      batchRows: 1,
      untilAborted: stop.signal,
      onTrouble: ({ kind }) => troubles.push(kind),
    });
    const away = new SqltrailError('store_failed', 'It is away.', 'Wait.', { retriable: true });
    store.add(auditEvent(1, 0, withoutText));
    await client.finish(away);
    expect(store.isAvailable).toBe(false);
    while (client.inserted.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    await client.finish();
    expect(store.isAvailable).toBe(true);
    expect(troubles).toEqual(['retrying', 'recovered']);
    await client.finish(away);
    stop.abort();
    await expect(store.close()).rejects.toThrow('It is away.');
  });
});
