import { createHash } from 'node:crypto';
import { AuditEvent, type ConnectionFacts } from '../../../schemas/audit-event.ts';
import type { Statement } from '../../../schemas/statement.ts';

export const DAY_US = 86_400_000_000;
export const HOUR_US = 3_600_000_000;
export const MINUTE_US = 60_000_000;
/** Thursday, 2026-01-15, 00:00 UTC: the day that is looked at. Habits are from the two weeks before and more. */
export const DAY_START_US = Date.UTC(2026, 0, 15) * 1000;

/** Who does something. */
export interface Actor {
  readonly user: string;
  readonly client: string;
  readonly database?: string;
  readonly program?: string;
}

/** What of an event is not as in an ordinary SELECT that succeeds. */
export interface Deed {
  readonly sql?: string;
  readonly kind?: string;
  readonly tables?: readonly string[];
  readonly command?: string;
  readonly error?: number;
  readonly message?: string;
  readonly status?: AuditEvent['status'];
  readonly rows?: number;
  readonly affected?: number;
  readonly ruleIds?: readonly string[];
}

/** Events of made traffic, each connection with an id that follows from who and when. */
export class MadeDay {
  readonly events: AuditEvent[] = [];
  readonly serverId: string;
  private sequence = 0;

  constructor(serverId = 'db1') {
    this.serverId = serverId;
  }

  /** One event. @param timeUs µs since the epoch. */
  at(timeUs: number, actor: Actor, deed: Deed): void {
    const event = new AuditEvent(this.connection(actor));
    event.timeUs = Math.floor(timeUs);
    event.sequence = ++this.sequence;
    event.userName = actor.user;
    event.userNameSource = 'handshake';
    event.databaseName = actor.database ?? '';
    event.clientProgram = actor.program ?? '';
    event.command = deed.command ?? 'query';
    event.errorCode = deed.error ?? 0;
    event.errorMessageMasked = deed.message ?? '';
    event.status = deed.status ?? (deed.error === undefined ? 'ok' : 'error');
    event.returnedRows = deed.rows ?? 0;
    event.affectedRows = deed.affected ?? 0;
    event.ruleIds = deed.ruleIds ?? [];
    if (deed.sql !== undefined) event.statement = statement(deed.sql, deed.kind ?? 'select', deed.tables ?? []);
    this.events.push(event);
  }

  login(timeUs: number, actor: Actor, error?: number): void {
    this.at(timeUs, actor, { command: 'connect', ...(error !== undefined && { error }) });
  }

  private connection({ client, user }: Actor): ConnectionFacts {
    return {
      uid: createHash('sha256').update(`${this.serverId} ${client} ${user}`).digest('hex').slice(0, 32),
      serverId: this.serverId,
      clientAddress: client,
      clientPort: 40_000,
      serverAddress: '10.0.0.1',
      serverPort: 3306,
    };
  }
}

function statement(masked: string, kind: string, tables: readonly string[]): Statement {
  return {
    digest: createHash('sha256').update(masked).digest('hex').slice(0, 32),
    masked,
    kind,
    tables,
    parse: 'parsed',
  };
}

const WEB: Actor = { user: 'web', client: '10.0.1.5', database: 'shop', program: 'mysql2' };
const CLERK: Actor = { user: 'clerk', client: '10.0.2.7', database: 'crm', program: 'crm-desktop' };
const BACKUP: Actor = { user: 'backup', client: '10.0.3.9', program: 'mysqldump' };

const WEB_STATEMENTS: readonly Deed[] = [
  { sql: 'SELECT id, name, price FROM products WHERE id = ?', tables: ['products'], rows: 1 },
  { sql: 'SELECT * FROM products WHERE category_id = ? LIMIT ? OFFSET ?', tables: ['products'], rows: 20 },
  { sql: 'UPDATE sessions SET seen = ? WHERE id = ?', kind: 'update', tables: ['sessions'], affected: 1 },
  { sql: 'INSERT INTO orders (user_id, total) VALUES (?, ?)', kind: 'insert', tables: ['orders'], affected: 1 },
  { sql: 'SELECT COUNT(*) FROM orders WHERE user_id = ? ORDER BY ?', tables: ['orders'], rows: 1 },
  { sql: 'SELECT * FROM settings', tables: ['settings'], rows: 40 },
];
const DUMPED = ['users', 'orders', 'products', 'sessions', 'settings', 'invoices', 'carts'];

/** A day of ordinary work: an application, a clerk in office hours, and the nightly backup and export. */
export function ordinaryDay(day: MadeDay, startUs: number, statementsAMinute: number): void {
  for (let minute = 0; minute < 24 * 60; minute += statementsAMinute > 1 ? 1 : 20) {
    const timeUs = startUs + minute * MINUTE_US;
    if (minute % 60 === 0) day.login(timeUs, WEB);
    for (let i = 0; i < statementsAMinute; i++)
      day.at(timeUs + 1000 + i * 300_000, WEB, WEB_STATEMENTS[(Math.floor(minute / 20) + i) % WEB_STATEMENTS.length]!);
  }
  for (let hour = 8; hour < 18; hour++) {
    day.login(startUs + hour * HOUR_US, CLERK);
    for (let i = 0; i < 4; i++)
      day.at(startUs + hour * HOUR_US + (i + 1) * 90_000_000, CLERK, {
        sql: 'SELECT * FROM customers WHERE name LIKE ? LIMIT ?',
        tables: ['customers'],
        rows: 25,
      });
  }
  const nightUs = startUs + 2 * HOUR_US;
  day.login(nightUs, BACKUP);
  for (const [i, table] of DUMPED.entries())
    day.at(nightUs + (i + 1) * 2_000_000, BACKUP, {
      sql: `SELECT /*!40001 SQL_NO_CACHE */ * FROM \`${table}\``,
      tables: [table],
      rows: 60_000,
    });
}

/** What happens on a busy day beside the work, and looks a little like something bad. */
export function oddities(day: MadeDay, startUs: number): void {
  const noon = startUs + 12 * HOUR_US;
  // Mistyped twice, then right.
  for (let i = 0; i < 2; i++) day.login(noon + i * 4_000_000, CLERK, 1045);
  day.login(noon + 10_000_000, CLERK);
  // One application with a wrong password, once a minute, on a host where another works.
  for (let i = 0; i < 60; i++) day.login(noon + i * MINUTE_US, { ...WEB, user: 'reports' }, 1045);
  // A new pod beside the known ones.
  day.login(noon + HOUR_US, { ...WEB, client: '10.0.1.77' });
  // A generated statement that is wrong, always the same.
  for (let i = 0; i < 40; i++)
    day.at(noon + i * 1_500_000, WEB, {
      sql: 'SELECT * FROM products WHERE id IN ()',
      tables: ['products'],
      error: 1064,
    });
  // A privilege that a deployment forgot, and a table that a migration has yet to make.
  day.at(noon + 5_000_000, WEB, { sql: 'SELECT * FROM audits', tables: ['audits'], error: 1142 });
  for (let i = 0; i < 10; i++)
    day.at(noon + i * 700_000, WEB, { sql: 'SELECT * FROM wp_options_old', tables: ['wp_options_old'], error: 1146 });
  // A load balancer looks whether the server is there.
  for (let i = 0; i < 24 * 60 * 4; i++)
    day.at(startUs + i * 15_000_000, { user: '', client: '10.0.9.1' }, { command: 'connect', status: 'unknown' });
  // Customers leaf through a long list.
  for (let i = 0; i < 50; i++)
    day.at(noon + i * 9_000_000, WEB, {
      sql: 'SELECT * FROM products WHERE category_id = ? LIMIT ? OFFSET ?',
      tables: ['products'],
      rows: 20,
    });
  // Correlated sub-selects, many times.
  for (let i = 0; i < 100; i++)
    day.at(noon + i * 300_000, WEB, {
      sql: 'SELECT COUNT(*) FROM orders WHERE user_id = ? ORDER BY ?',
      rows: 1,
      tables: ['orders'],
    });
}
