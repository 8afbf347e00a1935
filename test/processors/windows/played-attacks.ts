import { type Actor, DAY_START_US, HOUR_US, type MadeDay, MINUTE_US } from './made-day.ts';

/** What is asserted of a finding: its rules with what each counted, and who. */
export interface Found {
  readonly area: string;
  readonly user: string;
  readonly client: string;
  readonly db: string;
  readonly severity: string;
  readonly events: number;
  readonly rules: readonly (readonly [string, number])[];
}

export interface Attack {
  readonly rule: string;
  readonly play: (day: MadeDay, startUs: number) => void;
  /** Without the client, which is the attack's own. */
  readonly found: readonly Omit<Found, 'client'>[];
}

/** Each attack comes from an address of its own, at an hour of its own. */
export function clientOf(i: number): string {
  return `203.0.${113 + i}.66`;
}

export function startOf(i: number): number {
  return DAY_START_US + (3 + i) * HOUR_US + 50 * MINUTE_US;
}

export const ATTACKS: readonly Attack[] = [
  {
    rule: 'bruteforce.guess',
    play: (day, start) => {
      // Across the boundary of a minute: five before it and thirty behind.
      for (let i = 0; i < 35; i++) day.login(start + 55_000_000 + i * 1_000_000, actor('root', 0), 1045);
    },
    found: [one('bruteforce', 'root', '', 'medium', 35, 'bruteforce.guess')],
  },
  {
    rule: 'bruteforce.spray',
    play: (day, start) => {
      for (const [i, user] of ['root', 'admin', 'mysql', 'backup2', 'test', 'oracle'].entries())
        day.login(start + i * 100_000_000, actor(user, 1), 1045);
    },
    found: [one('bruteforce', '', '', 'high', 6, 'bruteforce.spray')],
  },
  {
    rule: 'bruteforce.success_after_fail',
    play: (day, start) => {
      for (let i = 0; i < 8; i++) day.login(start + i * 20_000_000, actor('dba', 2), 1045);
      day.login(start + 170_000_000, actor('dba', 2));
    },
    found: [one('bruteforce', 'dba', '', 'critical', 1, 'bruteforce.success_after_fail')],
  },
  {
    rule: 'sqli.syntax_error_burst',
    play: (day, start) => {
      for (let i = 0; i < 9; i++)
        day.at(start + i * 2_000_000, actor('visitor', 3, 'shop'), {
          sql: `SELECT * FROM t WHERE a = ? ${')'.repeat(i % 3)} '`,
          error: 1064,
        });
    },
    found: [one('sqli', 'visitor', 'shop', 'medium', 9, 'sqli.syntax_error_burst')],
  },
  {
    rule: 'sqli.orderby_probe',
    play: (day, start) => {
      for (let n = 1; n <= 6; n++)
        day.at(start + n * 5_000_000, actor('visitor', 4, 'shop'), {
          sql: 'SELECT id, name FROM p WHERE id = ? ORDER BY ?',
          tables: ['p'],
          ...(n > 4 && { error: 1054, message: 'Unknown column ? in ?' }),
        });
    },
    found: [one('sqli', 'visitor', 'shop', 'low', 6, 'sqli.orderby_probe')],
  },
  {
    rule: 'sqli.boolean_blind',
    play: (day, start) => {
      for (let i = 0; i < 90; i++)
        day.at(start + i * 1_000_000, actor('visitor', 5, 'shop'), {
          sql: 'SELECT * FROM t WHERE id = ? AND ORD(MID((SELECT IFNULL(CAST(email AS CHAR), ?) FROM users LIMIT ?, ?), ?, ?)) > ?',
          tables: ['t', 'users'],
          rows: i % 2,
        });
    },
    found: [one('sqli', 'visitor', 'shop', 'high', 90, 'sqli.boolean_blind')],
  },
  {
    rule: 'recon.object_guess',
    play: (day, start) => {
      for (const [i, table] of ['admin', 'administrators', 'user_accounts', 'members', 'logins', 'passwords'].entries())
        day.at(start + i * 30_000_000, actor('visitor', 6, 'shop'), {
          sql: `SELECT * FROM ${table}`,
          tables: [table],
          error: 1146,
        });
    },
    found: [one('recon', 'visitor', '', 'medium', 6, 'recon.object_guess')],
  },
  {
    rule: 'recon.connection_scan',
    play: (day, start) => {
      for (let i = 0; i < 20; i++) day.at(start + i * 500_000, actor('', 7), { command: 'connect', status: 'unknown' });
    },
    found: [one('recon', '', '', 'low', 20, 'recon.connection_scan')],
  },
  {
    rule: 'priv.denied_burst',
    play: (day, start) => {
      for (const [i, error] of [1142, 1142, 1227, 1044, 1370, 1227].entries())
        day.at(start + i * 20_000_000, actor('visitor', 8), { sql: `SELECT ${i} FROM mysql.user`, error });
    },
    // What may not be read is also an object that was guessed at, but there are only two of these.
    found: [one('priv', 'visitor', '', 'medium', 6, 'priv.denied_burst')],
  },
  {
    rule: 'impact.account_lockout',
    play: (day, start) => {
      for (let i = 0; i < 2; i++)
        day.at(start + i * 1_000_000, actor('dba2', 9), { sql: 'ALTER USER ?@? ACCOUNT LOCK', kind: 'alter_user' });
      day.at(start + 100_000_000, actor('dba2', 9), { sql: 'DROP USER ?@?', kind: 'drop_user' });
      day.at(start + 110_000_000, actor('dba2', 9), {
        sql: 'REVOKE ALL PRIVILEGES, GRANT OPTION FROM ?@?',
        kind: 'revoke',
      });
    },
    found: [one('impact', 'dba2', '', 'high', 4, 'impact.account_lockout')],
  },
  {
    rule: 'exfil.dump_pattern',
    play: (day, start) => {
      for (const [i, table] of ['users', 'orders', 'payments', 'cards', 'addresses', 'tokens'].entries())
        day.at(start + i * 3_000_000, actor('visitor', 10, 'shop'), {
          sql: `SELECT /*!40001 SQL_NO_CACHE */ * FROM \`${table}\``,
          tables: [table],
          rows: 900,
        });
    },
    found: [one('exfil', 'visitor', '', 'medium', 6, 'exfil.dump_pattern')],
  },
  {
    rule: 'exfil.paged_scrape',
    play: (day, start) => {
      for (let page = 0; page < 40; page++)
        day.at(start + page * 8_000_000, actor('visitor', 11, 'shop'), {
          sql: 'SELECT * FROM users LIMIT ? OFFSET ?',
          tables: ['users'],
          rows: 1000,
        });
    },
    found: [one('exfil', 'visitor', 'shop', 'low', 40, 'exfil.paged_scrape')],
  },
  {
    rule: 'exfil.bulk_rows',
    play: (day, start) => {
      day.at(
        start,
        { ...actor('web', 12, 'shop'), program: 'mysql2' },
        {
          sql: 'SELECT id, name, price FROM products WHERE id = ?',
          tables: ['products'],
          rows: 250_000,
        },
      );
    },
    found: [one('exfil', 'web', 'shop', 'medium', 1, 'exfil.bulk_rows')],
  },
  {
    rule: 'access.new_client',
    play: (day, start) => {
      day.login(start, { user: 'web', client: clientOf(13), database: 'shop', program: 'mysql2' });
      day.login(start + 60_000_000, { user: 'web', client: clientOf(13), database: 'shop', program: 'dbeaver' });
    },
    // Its network is new only once: what the second login adds is its program.
    found: [one('access', 'web', '', 'low', 2, 'access.new_client')],
  },
  {
    rule: 'sqli.new_fingerprint',
    play: (day, start) => {
      for (let i = 0; i < 3; i++)
        day.at(
          start + i * 1_000_000,
          { ...actor('web', 14, 'shop'), program: 'mysql2' },
          {
            sql: 'SELECT * FROM products WHERE name = ? OR secret LIKE ?',
            tables: ['products'],
          },
        );
    },
    found: [one('sqli', 'web', 'shop', 'low', 3, 'sqli.new_fingerprint')],
  },
  {
    rule: 'priv.role_deviation',
    play: (day, start) => {
      day.at(
        start,
        { ...actor('web', 15, 'shop'), program: 'mysql2' },
        {
          sql: 'ALTER TABLE users ADD COLUMN x INT',
          kind: 'alter_table',
          tables: ['users'],
        },
      );
    },
    found: [one('priv', 'web', '', 'medium', 1, 'priv.role_deviation')],
  },
  {
    rule: 'impact.drop_truncate',
    play: (day, start) => {
      for (const [i, table] of ['users', 'orders', 'payments', 'carts'].entries())
        day.at(start + i * 50_000_000, actor('visitor', 16, 'shop'), {
          sql: `DROP TABLE ${table}`,
          kind: 'drop_table',
          tables: [table],
        });
    },
    found: [one('impact', 'visitor', '', 'critical', 4, 'impact.drop_truncate')],
  },
  {
    rule: 'recon.server_fingerprint',
    play: (day, start) => {
      for (const [i, name] of ['datadir', 'secure_file_priv', 'plugin_dir'].entries())
        day.at(start + i * 30_000_000, actor('visitor', 17, 'shop'), {
          sql: `SELECT @@${name}`,
          ruleIds: ['recon.server_fingerprint'],
        });
    },
    found: [one('recon', 'visitor', '', 'medium', 3, 'recon.server_fingerprint')],
  },
  {
    rule: 'access.unusual_hour',
    play: (day) =>
      day.login(DAY_START_US + 3.5 * HOUR_US, {
        user: 'clerk',
        client: '10.0.2.7',
        database: 'crm',
        program: 'crm-desktop',
      }),
    found: [],
  },
];

function actor(user: string, i: number, database?: string): Actor {
  return { user, client: clientOf(i), ...(database !== undefined && { database }) };
}

export function one(
  area: string,
  user: string,
  db: string,
  severity: string,
  events: number,
  rule: string,
): Omit<Found, 'client'> {
  return { area, user, db, severity, events, rules: [[rule, events]] };
}
