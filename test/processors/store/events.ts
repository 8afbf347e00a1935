import { AuditEvent, type ConnectionFacts } from '../../../schemas/audit-event.ts';
import type { Statement } from '../../../schemas/statement.ts';

export const START_US = 1_767_225_600_000_000;

export function connectionFacts(n: number): ConnectionFacts {
  return {
    uid: n.toString(16).padStart(2, '0').repeat(16),
    serverId: '10.0.0.1:3306',
    clientAddress: `10.0.1.${n}`,
    clientPort: 40_000 + n,
    serverAddress: '10.0.0.1',
    serverPort: 3306,
  };
}

export function statementOf(masked: string, tables: readonly string[] = [], kind = 'select'): Statement {
  const digest = Buffer.from(masked).toString('hex').padEnd(32, '0').slice(-32);
  return { digest, masked, kind, tables, parse: 'parsed' };
}

/** A successful SELECT of connection `n`, as its `sequence`th command. */
export function auditEvent(n: number, sequence: number, fields: Partial<AuditEvent> = {}): AuditEvent {
  const event = new AuditEvent(connectionFacts(n));
  event.timeUs = START_US + sequence * 1000;
  event.sequence = sequence;
  event.command = 'query';
  event.userName = 'app';
  event.userNameSource = 'handshake';
  event.databaseName = 'shop';
  event.status = 'ok';
  event.statement = statementOf('SELECT c FROM t WHERE id = ?', ['t']);
  return Object.assign(event, fields);
}
