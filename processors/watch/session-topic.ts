import type { Bus, OutgoingRecord } from '../../bus/bus.ts';
import { parseIsoTime } from '../../schemas/parse-iso-time.ts';
import {
  readSessionKey,
  readSessionRecord,
  type SessionRecord,
  sessionKey,
  sessionPartition,
} from '../../schemas/session-record.ts';
import { TOPIC } from '../../schemas/topics.ts';
import type { SessionSweep } from './session-changes.ts';

type SessionBus = Pick<Bus, 'partitions' | 'send' | 'read'>;

/** Records of one request: sessions have some 400 bytes. */
const RECORDS_PER_SEND = 2_000;

/** A server's sessions as `mysql.sessions.v1` has them. */
export interface PublishedSessions {
  readonly sessions: readonly SessionRecord[];
  /** When the server was started, as it was told last; 0: never. */
  readonly startedUs: number;
}

/** Brings a reading to `mysql.sessions.v1`: sessions, then tombstones, then the server. @throws SqltrailError as the bus does. */
export async function publishSweep(bus: SessionBus, sweep: SessionSweep): Promise<void> {
  const { server } = sweep;
  const serverId = server.server_id;
  const partition = sessionPartition(serverId, await bus.partitions(TOPIC.sessions));
  const records: OutgoingRecord[] = [
    ...sweep.sessions.map((session) => ({
      partition,
      key: sessionKey(serverId, session.connection_id),
      value: Buffer.from(JSON.stringify(session)),
    })),
    ...sweep.gone.map((id) => ({ partition, key: sessionKey(serverId, id), value: null })),
    { partition, key: sessionKey(serverId, null), value: Buffer.from(JSON.stringify(server)) },
  ];
  for (let at = 0; at < records.length; at += RECORDS_PER_SEND)
    await bus.send(TOPIC.sessions, records.slice(at, at + RECORDS_PER_SEND));
}

/** What earlier runs published of these servers and did not take back. @throws SqltrailError as the bus does. */
export async function readPublished(
  bus: SessionBus,
  serverIds: readonly string[],
): Promise<ReadonlyMap<string, PublishedSessions>> {
  const found = new Map(serverIds.map((id) => [id, { sessions: new Map<number, SessionRecord>(), startedUs: 0 }]));
  const partitions = await bus.partitions(TOPIC.sessions);
  for (const partition of new Set(serverIds.map((id) => sessionPartition(id, partitions)))) {
    for await (const records of bus.read(TOPIC.sessions, partition)) {
      for (const { key, value } of records) {
        const named = key === null ? null : readSessionKey(key);
        const server = named === null ? undefined : found.get(named.serverId);
        if (named === null || server === undefined) continue;
        if (named.connectionId !== null) server.sessions.delete(named.connectionId);
        const record = value === null ? null : readSessionRecord(value);
        if (record?.kind === 'session') server.sessions.set(record.connection_id, record);
        else if (record?.kind === 'server') server.startedUs = parseIsoTime(record.started) ?? 0;
      }
    }
  }
  return new Map(
    [...found].map(([id, { sessions, startedUs }]) => [id, { sessions: [...sessions.values()], startedUs }]),
  );
}
