import { afterAll, describe, expect, it } from 'vitest';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import { ClickhouseClient } from '../../../processors/store/clickhouse-client.ts';
import type { StoreTarget } from '../../../processors/store/store-target.ts';
import { eventId } from '../../../schemas/event-id.ts';
import type { LedgerEntry } from '../../../schemas/ledger.ts';
import { Loss } from '../../../schemas/loss.ts';
import { hasChdb, temporaryDirectory } from './chdb.ts';
import { auditEvent, connectionFacts, START_US } from './events.ts';

const directory = temporaryDirectory();
const target: StoreTarget = { kind: 'embedded', directory: directory.path };
afterAll(() => directory.remove());

async function read(sql: string): Promise<Record<string, unknown>[]> {
  const client = await ClickhouseClient.open(target, 'read');
  try {
    return await client.rows(sql);
  } finally {
    await client.close();
  }
}

async function writeEntries(entries: readonly Partial<LedgerEntry>[]): Promise<void> {
  const store = await AuditStore.open(target);
  for (const entry of entries) store.addEntry({ ...EMPTY, ...entry });
  await store.close();
}

const EMPTY: LedgerEntry = {
  stage: 'decode',
  origin: 'mysql.messages.v1/0',
  ordinal: 0,
  serverId: 'db1',
  minuteMs: START_US / 1000 + 59_999,
  unit: 'events',
  takenIn: 0,
  passedOn: 0,
  open: 0,
  lost: {},
  impaired: {},
  version: 1,
};

describe.skipIf(!hasChdb)('AuditStore, for what is missing', () => {
  it('stores losses, each once however often it is written', async () => {
    const facts = connectionFacts(39);
    const losses = [
      new Loss(facts, START_US, 'gap', 4, true, 2 ** 33, 1460),
      new Loss(facts, START_US + 1, 'tls', 5, false, 0, 99),
    ];
    for (let time = 0; time < 2; time++) {
      const store = await AuditStore.open(target);
      for (const loss of losses) store.add(loss);
      if (time === 1) store.add(auditEvent(39, 1));
      await store.close();
      expect(store.counters).toMatchObject({ losses: 2, rowsWritten: time });
    }
    const rows = await read(
      'SELECT toString(loss_id) AS id, connection_uid, reason, from_client, from_byte, bytes FROM losses ORDER BY loss_time',
    );
    expect(rows).toEqual([
      {
        id: eventId(facts.uid, 4),
        connection_uid: facts.uid,
        reason: 'gap',
        from_client: true,
        from_byte: 2 ** 33,
        bytes: 1460,
      },
      {
        id: eventId(facts.uid, 5),
        connection_uid: facts.uid,
        reason: 'tls',
        from_client: false,
        from_byte: 0,
        bytes: 99,
      },
    ]);
  });

  it('keeps the newest version of a ledger entry, whatever the order of writing', async () => {
    const old = { takenIn: 5, passedOn: 4, open: 1, version: 10 };
    const newer = {
      takenIn: 2 ** 40,
      passedOn: 2 ** 40 - 3,
      lost: { unpaired: 2, state_lost: 1, gap: 0 },
      impaired: { gap: 7 },
      version: 11,
    };
    await writeEntries([newer]);
    await writeEntries([old, { ...newer, ordinal: 1, version: 4 }]);
    expect(await read('SELECT * FROM ledger_entries ORDER BY ordinal')).toEqual([
      {
        minute: '2026-01-01 00:00:00',
        server_id: 'db1',
        stage: 'decode',
        origin: 'mysql.messages.v1/0',
        ordinal: 0,
        unit: 'events',
        taken_in: 2 ** 40,
        passed_on: 2 ** 40 - 3,
        open: 0,
        lost: { unpaired: 2, state_lost: 1 },
        impaired: { gap: 7 },
        version: 11,
      },
      expect.objectContaining({ ordinal: 1, version: 4 }),
    ]);
  });

  it('tells the share of a minute that is complete, and where the rest went', async () => {
    const minute = { serverId: 'covered', minuteMs: START_US / 1000 };
    const edge = { ...minute, stage: 'edge', origin: 'edge-1 1' } as const;
    await writeEntries([
      // Three views of one stream: the worst of them counts.
      { ...edge, ordinal: 0, unit: 'packets', takenIn: 1000, passedOn: 900, lost: { kernel_drop: 100 } },
      { ...edge, ordinal: 1, unit: 'connections', takenIn: 10, passedOn: 10 },
      { ...edge, ordinal: 2, unit: 'bytes', takenIn: 1000, passedOn: 800, lost: { gap: 150, tls: 50 } },
      // Each a sieve of its own.
      { ...edge, ordinal: 3, unit: 'seconds', takenIn: 60, passedOn: 30, lost: { capture_not_running: 30 } },
      {
        ...minute,
        ordinal: 100,
        unit: 'events',
        takenIn: 110,
        passedOn: 75,
        open: 10,
        lost: { unpaired: 25 },
        impaired: { gap: 3 },
      },
      { ...minute, stage: 'mask', ordinal: 0, unit: 'events', takenIn: 75, passedOn: 75 },
    ]);
    const [row] = await read("SELECT * FROM coverage WHERE server_id = 'covered'");
    expect(row).toMatchObject({
      minute: '2026-01-01 00:00:00',
      server_id: 'covered',
      share_complete: expect.closeTo(0.8 * 0.5 * 0.75, 9),
      events: 75,
      open_events: 10,
      lost: {
        'edge.packets.kernel_drop': 100,
        'edge.bytes.gap': 150,
        'edge.bytes.tls': 50,
        'edge.seconds.capture_not_running': 30,
        'decode.events.unpaired': 25,
      },
      impaired: { gap: 3 },
    });
  });

  it('calls a minute complete only where nothing is lost, and one with nothing in it complete', async () => {
    const share = async (entry: Partial<LedgerEntry>) => {
      const serverId = `share ${JSON.stringify(entry)}`;
      await writeEntries([{ ...entry, serverId, ordinal: 1000 + serverId.length }]);
      return (await read(`SELECT share_complete AS s FROM coverage WHERE server_id = '${serverId}'`))[0]?.['s'];
    };
    expect(await share({ takenIn: 5, passedOn: 5 })).toBe(1);
    expect(await share({ takenIn: 5, passedOn: 3, open: 2 })).toBe(1);
    expect(await share({ takenIn: 2, open: 2 })).toBe(1);
    expect(await share({ takenIn: 2 ** 50, passedOn: 2 ** 50 - 1, lost: { unpaired: 1 } })).toBeLessThan(1);
    expect(await share({ takenIn: 9, passedOn: 0, lost: { rejected: 9 } })).toBe(0);
  });
});
