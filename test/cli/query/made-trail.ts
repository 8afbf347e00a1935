import { FindingTotals } from '../../../processors/findings/finding-totals.ts';
import { AuditStore } from '../../../processors/store/audit-store.ts';
import { Loss } from '../../../schemas/loss.ts';
import { emptyServerMinute } from '../../../schemas/server-minute.ts';
import { madeRule, madeVerdict } from '../../processors/findings/made-verdicts.ts';
import { auditEvent, connectionFacts, START_US, statementOf } from '../../processors/store/events.ts';

/**
 * Writes a trail into an embedded store: a session of `app`, three refused logins, a mass read with its finding, and what the ledger,
 * the losses and the server's counters say of the same minute.
 */
export async function makeTrail(directory: string): Promise<void> {
  const trail = await AuditStore.open({ kind: 'embedded', directory });
  const users = statementOf('SELECT * FROM shop.users WHERE id = ?', ['shop.users']);
  const orders = statementOf('UPDATE orders SET a = ?', ['orders'], 'update');
  trail.add(auditEvent(1, 0, { command: 'connect', statement: null, connectionId: 77 }));
  for (let i = 1; i <= 5; i++) trail.add(auditEvent(1, i, { statement: users, durationUs: 100, connectionId: 77 }));
  for (let i = 6; i <= 8; i++)
    trail.add(auditEvent(1, i, { statement: orders, durationUs: 5000, affectedRows: 2, connectionId: 77 }));
  trail.add(
    auditEvent(1, 9, {
      statement: orders,
      status: 'error',
      errorCode: 1205,
      errorMessageMasked: 'Lock wait timeout',
      connectionId: 77,
    }),
  );
  trail.add(auditEvent(1, 10, { command: 'quit', statement: null, connectionId: 77 }));
  for (let i = 0; i < 3; i++)
    trail.add(
      auditEvent(2, i, {
        command: 'connect',
        statement: null,
        userName: `guess${i}`,
        status: 'error',
        errorCode: 1045,
      }),
    );
  const suspicious = auditEvent(3, 0, {
    statement: users,
    userName: "o'brien",
    databaseName: 'other',
    completeness: 'gap',
    ruleIds: ['exfil.mass_read'],
    riskLevel: 'high',
  });
  trail.add(suspicious);
  const found = new FindingTotals(() => 'run/1');
  found.add(suspicious, madeVerdict(madeRule('exfil.mass_read', 'high')));
  for (const part of found.takeChanges(1).parts.values()) trail.addFinding(part);
  trail.add(new Loss(connectionFacts(3), START_US, 'gap', 9, true, 10, 500));
  trail.add(new Loss(connectionFacts(3), START_US, 'gap', 10, false, 10, 70));
  const minute = { origin: 'o', serverId: '10.0.0.1:3306', minuteMs: START_US / 1000, impaired: {}, version: 1 };
  trail.addEntry({
    ...minute,
    stage: 'edge',
    ordinal: 0,
    unit: 'bytes',
    takenIn: 1000,
    passedOn: 430,
    open: 0,
    lost: { gap: 570 },
  });
  trail.addEntry({
    ...minute,
    stage: 'decode',
    ordinal: 0,
    unit: 'events',
    takenIn: 16,
    passedOn: 15,
    open: 1,
    lost: {},
  });
  trail.addServerMinute({
    ...emptyServerMinute('10.0.0.1:3306', 'watch 1', START_US / 1000),
    measuredMs: 60_000,
    questions: 40,
    channels: { tls: 6, socket: 3 },
    version: 1,
  });
  await trail.close();
}
