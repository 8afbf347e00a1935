import { describe, expect, it, vi } from 'vitest';
import { Identify } from '../../../processors/identify/identify.ts';
import { SessionTable } from '../../../processors/identify/session-table.ts';
import { AuditEvent, type ConnectionFacts } from '../../../schemas/audit-event.ts';
import type { ConnectionIdentity } from '../../../schemas/connection-identity.ts';
import { isoTime } from '../../../schemas/iso-time.ts';
import type { SessionRecord } from '../../../schemas/session-record.ts';
import { SqlText } from '../../../schemas/sql-text.ts';

const START_S = 1_767_225_600;
const MODE = { charset: 'utf8mb4', noBackslashEscapes: null, ansiQuotes: null };
const time = (timeS: number) => isoTime((START_S + timeS) * 1e6);

interface Server {
  readonly id?: string;
  readonly port?: number;
  readonly addresses?: readonly string[];
}

/** One partition, a table, and what comes of them. Times in seconds. */
class Scene {
  readonly table = new SessionTable();
  readonly identities: ConnectionIdentity[] = [];
  readonly unknown: string[] = [];
  readonly identify = new Identify({
    table: this.table,
    onIdentity: (identity) => this.identities.push(identity),
    onUnknown: (event) => this.unknown.push(event.connection.uid),
  });

  /** A reading that lasts 0.1 s. @param gone Ids that are not there any more. */
  reading(
    timeS: number,
    sessions: readonly Partial<SessionRecord>[],
    gone: readonly number[] = [],
    server: Server = {},
  ) {
    const serverId = server.id ?? 'db7';
    for (const session of sessions)
      this.table.addSession({
        kind: 'session',
        server_id: serverId,
        connection_id: 7,
        user_name: 'alice',
        client_host: '10.0.0.7',
        client_addresses: ['10.0.0.7'],
        client_port: 40_000,
        database_name: '',
        client_program: '',
        client_pid: '',
        since: time(timeS),
        idle_since: time(timeS),
        user_since: time(timeS),
        database_since: time(timeS),
        ...session,
      });
    for (const id of gone) this.table.removeSession(serverId, id);
    this.table.endReading({
      kind: 'server',
      server_id: serverId,
      addresses: [...(server.addresses ?? [])],
      port: server.port ?? 3306,
      started: time(-100_000),
      asked: time(timeS),
      answered: time(timeS + 0.1),
      sessions: sessions.length,
    });
  }

  event(timeS: number, fields: Partial<AuditEvent> = {}, facts: Partial<ConnectionFacts> = {}): AuditEvent {
    const event = new AuditEvent({
      uid: 'ab'.repeat(16),
      serverId: 'db7',
      clientAddress: '10.0.0.7',
      clientPort: 40_000,
      serverAddress: '10.0.0.1',
      serverPort: 3306,
      ...facts,
    });
    Object.assign(event, { timeUs: (START_S + timeS) * 1e6, command: 'query', ...fields });
    this.identify.apply(event);
    return event;
  }
}

function text(sql: string): SqlText {
  const bytes = Buffer.from(sql);
  return new SqlText(bytes, 0, bytes.length, MODE);
}

/** Speaks before and behind a reading at 10 s: if it can be named, it is. */
function nameOf(
  sessions: readonly Partial<SessionRecord>[],
  facts: Partial<ConnectionFacts> = {},
  server: Server = {},
) {
  const scene = new Scene();
  scene.event(0, {}, facts);
  scene.reading(10, sessions, [], server);
  return scene.event(20, {}, facts).userName;
}

describe('which server and which session a connection belongs to', () => {
  it.each([
    ['the same name and port', {}, {}, 'alice'],
    ['another server behind the same edge', { serverPort: 3307 }, {}, ''],
    ['another server', { serverId: 'db8' }, {}, ''],
    ['a server named by its address as captured', { serverId: '10.0.0.1:3306' }, { id: '10.0.0.1:3306' }, 'alice'],
    ['a forwarded port that is listed', { serverPort: 13_306 }, { addresses: ['10.0.0.1:13306'] }, 'alice'],
    ['an address that is not among the listed', {}, { addresses: ['10.0.0.1:13306'] }, ''],
    ['IPv6 that is listed', { serverAddress: '2001:db8::1' }, { addresses: ['[2001:db8::1]:3306'] }, 'alice'],
  ] as const)('%s', (_, facts, server, name) => {
    expect(nameOf([{}], facts, server)).toBe(name);
  });

  it.each([
    ['its address and port', [{}], 'alice'],
    ['another port', [{ client_port: 40_001 }], ''],
    ['another address', [{ client_addresses: ['10.0.0.8'] }], ''],
    ['one of the addresses of its name', [{ client_addresses: ['10.0.0.8', '10.0.0.7'] }], 'alice'],
    ['a name that nobody could resolve, and no other on that port', [{ client_addresses: [] }], 'alice'],
    [
      'such a name, and another on that port',
      [{ client_addresses: [] }, { connection_id: 8, user_name: 'bob', client_addresses: ['10.0.0.9'] }],
      '',
    ],
    ['two sessions that fit', [{}, { connection_id: 8, user_name: 'bob' }], ''],
    [
      'two that fit, of which one came later',
      [{}, { connection_id: 8, user_name: 'bob', since: time(30), idle_since: time(30) }],
      'alice',
    ],
  ] as const)('a session of %s', (_, sessions, name) => {
    expect(nameOf(sessions as readonly Partial<SessionRecord>[])).toBe(name);
  });

  it('asks about a connection once, when it speaks first', () => {
    const scene = new Scene();
    for (const timeS of [0, 1, 2]) scene.event(timeS);
    scene.event(3, { userName: 'bob', userNameSource: 'handshake' }, { uid: 'cd'.repeat(16) });
    expect(scene.unknown).toEqual(['ab'.repeat(16)]);
  });
});

describe('what is told of a connection', () => {
  it('is told once, with the time of knowledge, and holds for what comes', () => {
    const scene = new Scene();
    scene.event(0);
    scene.reading(10, [{ client_program: 'java', database_name: 'shop' }]);
    expect(scene.event(20)).toMatchObject({
      userName: 'alice',
      userNameSource: 'processlist',
      databaseName: 'shop',
      clientProgram: 'java',
      connectionId: 7,
    });
    scene.reading(20, []);
    scene.event(30);
    expect(scene.identities).toHaveLength(1);
    expect(scene.identities[0]).toMatchObject({ userName: 'alice', databaseName: 'shop', connectionId: 7 });
    expect(isoTime(scene.identities[0]!.knownUs)).toBe(time(10.1));
  });

  it('comes by itself for one that does not speak again, once all that was captured has been looked at', () => {
    const scene = new Scene();
    scene.event(0);
    scene.reading(10, [{ idle_since: time(1) }]);
    scene.identify.poll((START_S + 11) * 1000, true);
    expect(scene.identities).toHaveLength(0);
    scene.identify.poll((START_S + 17) * 1000, true);
    expect(scene.identities).toMatchObject([{ userName: 'alice' }]);
  });

  it('is nothing while the partition is behind', () => {
    const scene = new Scene();
    scene.event(0);
    scene.reading(10, [{ idle_since: time(1) }]);
    for (let second = 11; second < 60; second++) scene.identify.poll((START_S + second) * 1000, false);
    expect(scene.identities).toHaveLength(0);
  });

  it('leaves a login in TLS to its thread id', () => {
    const scene = new Scene();
    scene.event(0, { command: 'connect', isTls: true, connectionId: 8 });
    scene.reading(10, [{ user_name: 'before' }, { connection_id: 8, user_name: 'bob', client_port: 40_000 }]);
    scene.identify.poll((START_S + 11) * 1000, true);
    scene.identify.poll((START_S + 17) * 1000, true);
    expect(scene.identities).toMatchObject([{ userName: 'bob', connectionId: 8 }]);
  });

  it('does not put the new user to what the one before did, where a change of user was captured', () => {
    const scene = new Scene();
    scene.event(0);
    scene.event(5, { command: 'change_user', userName: 'bob', userNameSource: 'change_user' });
    scene.reading(10, [{ user_name: 'bob' }]);
    scene.event(20, { userName: 'bob', userNameSource: 'change_user' });
    scene.identify.poll((START_S + 30) * 1000, true);
    expect(scene.identities).toHaveLength(0);
  });

  it('ends where the list shows another user without a captured change', () => {
    const scene = new Scene();
    scene.event(0);
    scene.reading(10, [{ since: time(-50), idle_since: time(-50) }]);
    expect(scene.event(12).userName).toBe('alice');
    scene.reading(20, [
      { user_name: 'bob', since: time(-50), idle_since: time(-50), user_since: time(20), database_since: time(10) },
    ]);
    scene.identify.poll((START_S + 21) * 1000, true);
    expect(scene.identities.at(-1)).toMatchObject({ userName: 'alice', userUntilUs: (START_S + 10) * 1e6 });
    expect(scene.event(22).userName).toBe('bob');
  });

  it('is forgotten where the session is gone and the connection speaks: it is another', () => {
    const scene = new Scene();
    scene.event(0);
    scene.reading(10, [{}]);
    expect(scene.event(12).userName).toBe('alice');
    scene.reading(20, [], [7]);
    expect(scene.event(30).userName).toBe('');
    scene.reading(40, [{ connection_id: 9, user_name: 'bob' }]);
    expect(scene.event(50).userName).toBe('bob');
    expect(scene.identities).toHaveLength(1);
  });
});

describe('the database of the list', () => {
  it.each([
    ['USE hr', { sql: text('/* x */ USE hr') }],
    ['a change in the middle of a text', { sql: text('SELECT 1; use hr') }],
    ['COM_INIT_DB', { command: 'init_db', databaseName: 'hr' }],
    ['a database that decode knows', { databaseName: 'hr' }],
  ])('counts until %s', (_, fields) => {
    const scene = new Scene();
    scene.event(0);
    scene.reading(10, [{ database_name: 'shop' }]);
    expect(scene.event(12).databaseName).toBe('shop');
    scene.event(14, fields);
    expect(scene.event(16).databaseName).toBe('');
    expect(scene.identities.at(-1)).toMatchObject({ databaseName: 'shop', databaseUntilUs: (START_S + 14) * 1e6 });
  });

  it('is not what a command has changed before the reading', () => {
    const scene = new Scene();
    scene.event(0);
    scene.event(5, { sql: text('USE hr') });
    scene.reading(10, [{ database_name: 'hr' }]);
    scene.event(20);
    expect(scene.identities).toMatchObject([{ userName: 'alice', databaseName: '' }]);
  });

  it('is not given up for a table hint', () => {
    const scene = new Scene();
    scene.event(0);
    scene.reading(10, [{ database_name: 'shop' }]);
    scene.event(12, { sql: text('SELECT a FROM users USE INDEX (i)') });
    expect(scene.event(14).databaseName).toBe('shop');
  });
});

describe('a server whose list has ten thousand sessions on the port of a connection', () => {
  it('has them looked at once for each reading, not for each event', () => {
    const scene = new Scene();
    const looks = vi.spyOn(scene.table, 'onPort');
    const others = Array.from({ length: 10_000 }, (_, i) => ({
      connection_id: 100 + i,
      client_addresses: [`10.9.${i >> 8}.${i & 255}`],
    }));
    scene.event(0);
    scene.reading(10, others);
    for (let i = 0; i < 1000; i++) expect(scene.event(11 + i / 1000).userName).toBe('');
    expect(looks.mock.calls.length).toBeLessThanOrEqual(2);
    scene.reading(20, [{ connection_id: 7 }]);
    expect(scene.event(22).userName).toBe('alice');
  });
});
