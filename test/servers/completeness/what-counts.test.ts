import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MariaDb } from '../../support/mariadb.ts';
import { MySql9 } from '../../support/mysql9.ts';
import type { LoggedServer } from '../../support/oracle/logged-server.ts';
import { RawMysql } from '../../support/raw-mysql.ts';
import { socketOf } from '../../support/socket-of.ts';
import { CounterObserver, type Gains } from './counted.ts';

type Flavour = LoggedServer['name'];

/** What each command counts; `Com_` is left off. An array: MariaDB's, then MySQL's. docs/completeness.md has it as a table. */
type Expected = Readonly<Record<string, number>>;
interface Case {
  readonly what: string;
  readonly run: (client: RawMysql, state: { id: number }) => Promise<unknown>;
  readonly counts: Expected | readonly [mariaDb: Expected, mySql: Expected];
}

const ONE = { Questions: 1, Queries: 1 };
const query = (what: string, sql: string, counts: Case['counts']): Case => ({ what, run: (c) => c.query(sql), counts });
const command = (what: string, bytes: number[], counts: Case['counts'], hasResponse = true): Case => ({
  what,
  run: (client) => client.command(Buffer.from(bytes), hasResponse),
  counts,
});
const ofStatement = (what: string, code: number, rest: number[], counts: Case['counts'], hasResponse = true): Case => ({
  what,
  run: (client, { id }) =>
    client.command(Buffer.concat([Buffer.from([code]), int4(id), Buffer.from(rest)]), hasResponse),
  counts,
});
const EXECUTE = [1, 0, 0, 0, 0, 1, 3, 0, 0, 0, 0, 0];

const CASES: readonly Case[] = [
  query('a text', 'SELECT 1', { ...ONE, select: 1 }),
  query('a text that is no SQL', 'SELEC 1', ONE),
  query('a text that fails', 'SELECT * FROM nope', { ...ONE, select: 1 }),
  query('an empty text', '', ONE),
  query('a comment', '/* x */', { ...ONE, empty_query: 1 }),
  query('three texts in one', 'SELECT 1; SELECT 2; DO 3', { Questions: 3, Queries: 3, select: 2, do: 1 }),
  query('three, the second fails', 'SELECT 1; SELECT * FROM nope; DO 3', { Questions: 2, Queries: 2, select: 2 }),
  query('three, the second is no SQL', 'SELECT 1; SELEC 2; DO 3', { Questions: 2, Queries: 2, select: 1 }),
  query('a text and a semicolon', 'SELECT 1;', { ...ONE, select: 1 }),
  query('USE', 'USE d', { ...ONE, change_db: 1 }),
  query('BEGIN', 'BEGIN', { ...ONE, begin: 1 }),
  query('COMMIT', 'COMMIT', { ...ONE, commit: 1 }),
  query('SHOW GLOBAL STATUS', "SHOW GLOBAL STATUS LIKE 'Q%'", { ...ONE, show_status: 1 }),
  query('SHOW PROCESSLIST', 'SHOW PROCESSLIST', { ...ONE, show_processlist: 1 }),
  {
    what: 'prepare',
    run: async (client, state) => {
      state.id = await client.prepare('SELECT * FROM t WHERE a > ?');
      expect(state.id).toBeGreaterThan(0);
    },
    counts: { Queries: 1, stmt_prepare: 1 },
  },
  ofStatement('execute', 23, [0, ...EXECUTE], { ...ONE, stmt_execute: 1, select: 1 }),
  ofStatement('execute with a cursor', 23, [1, ...EXECUTE], { ...ONE, stmt_execute: 1, select: 1 }),
  ofStatement('fetch', 28, [1, 0, 0, 0], { ...ONE, stmt_fetch: 1 }),
  ofStatement('send_long_data', 24, [0, 0, 65], { ...ONE, stmt_send_long_data: 1 }, false),
  ofStatement('reset', 26, [], { Queries: 1, stmt_reset: 1 }),
  ofStatement('close', 25, [], { Queries: 1, stmt_close: 1 }, false),
  ofStatement('execute of a closed statement', 23, [0, ...EXECUTE], ONE),
  { what: 'prepare that fails', run: (client) => client.prepare('SELEC 1'), counts: { Queries: 1, stmt_prepare: 1 } },
  command('init_db', [2, ...Buffer.from('d')], { ...ONE, change_db: 1 }),
  command('init_db that fails', [2, ...Buffer.from('nope')], { ...ONE, change_db: 1 }),
  command('field_list', [4, ...Buffer.from('t\0')], { ...ONE, show_fields: 1 }),
  command('refresh', [7, 2], [{ ...ONE, flush: 1 }, ONE]),
  command('statistics', [9], [{ show_status: 1 }, { Queries: 1, show_status: 1 }]),
  command('process_info', [10], [{ ...ONE, show_processlist: 1 }, ONE]),
  command('process_kill', [12, 63, 66, 15, 0], [{ ...ONE, kill: 1 }, ONE]),
  command('debug', [13], { ...ONE, admin_commands: 1 }),
  command('ping', [14], [{ admin_commands: 1 }, { Queries: 1, admin_commands: 1 }]),
  command('set_option', [27, 0, 0], { ...ONE, set_option: 1 }),
  command('reset_connection', [31], { ...ONE, admin_commands: 1 }),
  command('a command that there is not', [99], ONE),
  command('bulk_execute that is malformed', [0xfa, 0, 0, 0, 0], ONE),
  query('PREPARE in SQL', "PREPARE s FROM 'SELECT 1'", { ...ONE, prepare_sql: 1, stmt_prepare: 1 }),
  query('EXECUTE in SQL', 'EXECUTE s', { ...ONE, execute_sql: 1, stmt_execute: 1, select: 1 }),
  query('DEALLOCATE in SQL', 'DEALLOCATE PREPARE s', { ...ONE, dealloc_sql: 1, stmt_close: 1 }),
  query('CALL of three statements', 'CALL d.p()', {
    Questions: 1,
    Queries: 4,
    call_procedure: 1,
    select: 1,
    insert: 1,
    set_option: 1,
  }),
  query('a function of a SELECT and a RETURN', 'SELECT d.f()', { Questions: 1, Queries: 4, select: 2 }),
  query('INSERT with a trigger', 'INSERT INTO d.t VALUES (10, 1)', { Questions: 1, Queries: 2, insert: 2 }),
];

describe.each(['MariaDB', 'MySQL'] as const)('%s counts', (flavour: Flavour) => {
  let server: LoggedServer;
  let observing: Connection;
  let observer: CounterObserver;
  let client: RawMysql;
  let fence: Gains;
  const state = { id: 0 };

  beforeAll(async () => {
    const serverArgs = ['--event-scheduler=ON', '--general-log=0'];
    server = flavour === 'MariaDB' ? await MariaDb.start({ serverArgs }) : await MySql9.start({ serverArgs });
    await server.sql(
      'CREATE DATABASE d',
      "CREATE USER u@'%' IDENTIFIED BY ''",
      'GRANT ALL ON *.* TO u@`%`',
      "CREATE USER n@'%' IDENTIFIED BY 'pw'",
      'CREATE TABLE d.t (a INT PRIMARY KEY, b TEXT)',
      'INSERT INTO d.t VALUES (1, 1), (2, 2), (3, 3)',
      'CREATE TABLE d.l (a INT)',
      'CREATE PROCEDURE d.p() BEGIN SELECT 1; INSERT INTO d.l VALUES (1); SET @a = 1; END',
      'CREATE FUNCTION d.f() RETURNS INT DETERMINISTIC BEGIN DECLARE x INT; SELECT COUNT(*) INTO x FROM d.t; RETURN x; END',
      'CREATE TRIGGER d.tr BEFORE INSERT ON d.t FOR EACH ROW INSERT INTO d.l VALUES (NEW.a)',
    );
    observing = await createConnection({ user: 'root', socketPath: await socketOf(server) });
    observer = new CounterObserver(observing);
    await observer.calibrate();
    client = await RawMysql.connect(login());
    const twoPings = await observer.gains(() => client.command(Buffer.from([14])));
    fence = Object.fromEntries(Object.entries(twoPings).map(([name, gain]) => [name, gain / 2]));
  });
  afterAll(async () => {
    await observing?.end();
    await server?.stop();
  });

  function login() {
    return { host: server.host, port: server.port, user: 'u', database: 'd' };
  }

  function named(expected: Expected): Gains {
    const pairs = Object.entries(expected).map(([name, gain]) => [/^[A-Z]/.test(name) ? name : `Com_${name}`, gain]);
    return Object.fromEntries(pairs);
  }

  it.each(CASES)('$what', async ({ run, counts }) => {
    const expected = Array.isArray(counts) ? counts[flavour === 'MariaDB' ? 0 : 1] : counts;
    expect(await observer.gains(() => run(client, state), fence)).toEqual(named(expected));
  });

  it('a login: Connections alone; quit: one Question', async () => {
    let another: RawMysql | null = null;
    expect(
      await observer.gains(async () => {
        another = await RawMysql.connect(login());
      }),
    ).toEqual({ Connections: 1 });
    // The server may count what a session did only when it is over.
    const quit = await observer.gains(async () => {
      await another?.quit();
      await sleep(300);
    });
    expect(quit).toEqual(ONE);
  });

  it('refused logins: Connections and Aborted_connects', async () => {
    const refused = { Connections: 1, Aborted_connects: 1 };
    const logins = [
      { ...login(), user: 'n' },
      { ...login(), user: 'n', password: 'wrong' },
      { ...login(), database: 'nope' },
    ];
    for (const one of logins)
      expect(await observer.gains(() => expect(RawMysql.connect(one)).rejects.toThrow())).toEqual(refused);
    const leave = async () => {
      const socket = connect(server.port, server.host);
      await new Promise((resolve) => socket.once('data', resolve));
      socket.destroy();
      await sleep(500);
    };
    expect(await observer.gains(leave)).toEqual(refused);
  });

  it('change_user: one Question, and a login that it refuses no Aborted_connects', async () => {
    const changing = await createConnection({ host: server.host, port: server.port, user: 'u' });
    expect(await observer.gains(() => changing.changeUser({ user: 'u', database: 'd' }))).toMatchObject({
      Questions: 1,
    });
    const refused = await observer.gains(() =>
      expect(changing.changeUser({ user: 'n', password: 'x' })).rejects.toThrow(),
    );
    expect(refused).toMatchObject({ Questions: 1 });
    expect(refused['Aborted_connects'] ?? 0).toBe(0);
    changing.destroy();
  });

  it('events: not as Questions, but their threads as Connections', async () => {
    const create =
      'CREATE EVENT d.e ON SCHEDULE EVERY 1 SECOND DO BEGIN INSERT INTO d.l VALUES (5); SELECT COUNT(*) FROM d.l INTO @x; END';
    const gains = await observer.gains(async () => {
      await observing.query(create);
      await sleep(2_500);
      await observing.query('DROP EVENT d.e');
    });
    const runs = gains['Com_insert'] ?? 0;
    expect(runs).toBeGreaterThan(0);
    expect(gains).toEqual({
      Questions: 2,
      Queries: 2 + 2 * runs,
      Connections: runs,
      Com_insert: runs,
      Com_select: runs,
      Com_create_event: 1,
      Com_drop_event: 1,
    });
  });

  it('FLUSH STATUS: sets back Aborted_connects or nothing of these, and never Questions', async () => {
    const gains = await observer.gains(() => observing.query('FLUSH STATUS'));
    expect(gains).toMatchObject({ Questions: 1, Queries: 1, Com_flush: 1 });
    if (flavour === 'MariaDB') expect(gains['Aborted_connects']).toBeLessThan(0);
    else expect(gains['Aborted_connects']).toBeUndefined();
  });
});

function int4(n: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(n);
  return bytes;
}
