import { createHash } from 'node:crypto';
import { type Finding, findingSchema } from './finding.ts';
import { parsedJson } from './parsed-json.ts';

/** What makes a finding the same one. */
export interface FindingKey {
  readonly area: string;
  readonly serverId: string;
  readonly userName: string;
  readonly clientAddress: string;
  readonly databaseName: string;
  /** Start of the window, ms since the epoch. */
  readonly windowMs: number;
}

/** The window of all findings: whole hours of capture time, UTC. */
export const FINDING_WINDOW_MS = 3_600_000;

/** The id of the finding with this key, a UUID of version 8. */
export function findingId(key: FindingKey): string {
  const { area, serverId, userName, clientAddress, databaseName, windowMs } = key;
  const hash = createHash('sha256')
    .update(JSON.stringify([area, serverId, userName, clientAddress, databaseName, windowMs]))
    .digest('hex');
  const variant = ((Number.parseInt(hash[16]!, 16) & 3) | 8).toString(16);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** A part as a record of `mysql.findings.v1`: whoever counted, all parts of a finding are in one partition. */
export function findingRecord(part: Finding, partitions: number) {
  return {
    partition: Number.parseInt(part.finding_id.slice(0, 8), 16) % partitions,
    key: part.finding_id,
    value: Buffer.from(JSON.stringify(part)),
  };
}

/** @returns null where the value is no finding. Fields that are not known are left out. Never throws. */
export function readFindingRecord(value: Buffer): Finding | null {
  const parsed = findingSchema.safeParse(parsedJson(value.toString('utf8')));
  return parsed.success ? parsed.data : null;
}
