import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { Finding } from '../../schemas/finding.ts';
import { readFindingRecord } from '../../schemas/finding-record.ts';
import type { LedgerEntry } from '../../schemas/ledger.ts';
import { countLine, readLedgerRecord } from '../../schemas/ledger-record.ts';
import { BlobRecords, joinBlobs } from './blob-records.ts';
import type { Changelog, Kept } from './changelog.ts';
import { BLOB_PREFIX, CONNECTION_PREFIX, FINDING_PREFIX, LEDGER_PREFIX } from './changelog-keys.ts';
import type { Task } from './task.ts';

/** A task as it was at the end of a record. */
export interface Snapshot {
  readonly position: number;
  /** Totals to publish; their numbers may still change until they are. */
  readonly entries: readonly LedgerEntry[];
  /** Parts of findings to publish. */
  readonly findings: readonly Finding[];
  /** Texts of connections; null: closed. */
  readonly texts: Map<string, string | null>;
  readonly blobs: ReadonlyMap<string, Buffer>;
  readonly deleted: readonly string[];
  /** Ledger entries that are kept no longer. */
  readonly removed: readonly number[];
  readonly head: string;
}

/** Keeps one task's state in its changelog, and brings it back. */
export class TaskKeeper {
  readonly task: Task;
  private readonly changelog: Changelog;
  private blobs = new BlobRecords(0);
  /** The snapshot that is being made durable. */
  private current: Snapshot | null = null;
  private keptPosition: number | null = null;
  /** Keys that could not be read: deleted with the next snapshot. */
  private unreadable: string[] = [];

  constructor(task: Task, changelog: Changelog) {
    this.task = task;
    this.changelog = changelog;
  }

  /** @returns The first offset to handle; null where nothing is known of the partition. */
  async restore(): Promise<number | null> {
    const { task } = this;
    const kept = await this.changelog.restore();
    this.blobs = new BlobRecords(kept.epoch);
    const lost = [...kept.unreadable, ...this.restoreConnections(kept)];
    const entries: LedgerEntry[] = [];
    for (const [name, text] of kept.texts) {
      if (!name.startsWith(LEDGER_PREFIX)) continue;
      const bad = () => lost.push(name);
      readLedgerRecord(Buffer.from(text), { entry: (entry) => entries.push(entry), loss: bad, bad });
    }
    for (const entry of entries.sort((a, b) => a.ordinal - b.ordinal)) task.totals.restore(entry);
    lost.push(...this.restoreFindings(kept));
    const [ordinal = 0, timeMs = 0, recordsBefore = 0, finding = 0] = numbersOf(kept.head);
    task.findings.nextOrdinal = Math.max(task.findings.nextOrdinal, finding);
    task.totals.nextOrdinal = Math.max(task.totals.nextOrdinal, ordinal);
    task.lastTimeMs = timeMs;
    task.recordsBefore = recordsBefore;
    this.unreadable = lost;
    if (lost.length > 0) task.stateLost(lost.length);
    task.position = this.keptPosition = kept.position;
    return kept.position;
  }

  /** What was handled since the last one; null: nothing. */
  snapshot(): Snapshot | null {
    const { task } = this;
    const { position } = task;
    const hasChanged = task.totals.hasChanged || task.findings.hasChanged;
    if (position === null || (position === this.keptPosition && !hasChanged)) return null;
    const { state } = task;
    const texts = new Map<string, string | null>();
    for (const uid of state?.takeChanged() ?? []) {
      texts.set(
        CONNECTION_PREFIX + uid,
        this.blobs.state(uid, (keep) => state!.exportState(uid, keep)),
      );
    }
    const { entries, removed } = task.totals.takeChanges(task.version);
    for (const ordinal of removed) texts.set(LEDGER_PREFIX + ordinal, null);
    const findings = task.findings.takeChanges(task.version);
    for (const [number, part] of findings.parts) texts.set(FINDING_PREFIX + number, JSON.stringify(part));
    for (const number of findings.removed) texts.set(FINDING_PREFIX + number, null);
    const { written, deleted } = this.blobs.take();
    const snapshot = {
      position,
      entries,
      findings: [...findings.parts.values()],
      texts,
      blobs: written,
      deleted: [...this.unreadable, ...deleted.map((name) => BLOB_PREFIX + name)],
      removed,
      head: `${task.totals.nextOrdinal} ${task.lastTimeMs} ${task.recordsBefore} ${task.findings.nextOrdinal}`,
    };
    this.unreadable = [];
    this.keptPosition = position;
    this.current = snapshot;
    return snapshot;
  }

  /** Done when the snapshot is what a successor finds. */
  async keep(snapshot: Snapshot): Promise<void> {
    const { texts, removed } = snapshot;
    const isRemoved = new Set(removed);
    for (const entry of snapshot.entries) {
      if (!isRemoved.has(entry.ordinal)) texts.set(LEDGER_PREFIX + entry.ordinal, countLine(entry));
    }
    await this.changelog.write(snapshot);
    this.current = null;
  }

  /** The store refused an event: counted now, and in the snapshot under way where the event is part of it. */
  rejected(event: AuditEvent, engineCode: string): void {
    const { task, current } = this;
    const ordinal = task.rejected(event, engineCode);
    if (current === null || event.origin === null || event.origin.offset >= current.position) return;
    const entry = current.entries.find((each) => each.ordinal === ordinal);
    if (entry === undefined) return;
    entry.passedOn--;
    entry.lost.rejected = (entry.lost.rejected ?? 0) + 1;
  }

  /** @returns Keys of parts that cannot be read. */
  private restoreFindings(kept: Kept): string[] {
    const lost: string[] = [];
    const parts: [number: number, part: Finding][] = [];
    for (const [name, text] of kept.texts) {
      if (!name.startsWith(FINDING_PREFIX)) continue;
      const number = Number(name.slice(FINDING_PREFIX.length));
      const part = readFindingRecord(Buffer.from(text));
      if (part === null || !Number.isSafeInteger(number)) lost.push(name);
      else parts.push([number, part]);
    }
    for (const [number, part] of parts.sort((a, b) => a[0] - b[0])) this.task.findings.restore(number, part);
    return lost;
  }

  /** @returns Keys of states that cannot be read. */
  private restoreConnections(kept: Kept): string[] {
    const { state } = this.task;
    const blobs = joinBlobs(kept.blobs);
    const unused = new Set(blobs.keys());
    const lost: string[] = [];
    for (const [name, text] of kept.texts) {
      if (!name.startsWith(CONNECTION_PREFIX)) continue;
      const uid = name.slice(CONNECTION_PREFIX.length);
      const load = (number: number): Buffer | null => {
        const blob = blobs.get(number);
        if (blob === undefined) return null;
        this.blobs.found(uid, number, blob.chunks);
        unused.delete(number);
        return blob.bytes;
      };
      if (state === null || !state.importState(uid, text, load)) lost.push(name);
    }
    for (const number of unused) this.blobs.orphan(number, blobs.get(number)?.chunks ?? 0);
    return lost;
  }
}

/** Of the position record's text, which anybody may have written. */
function numbersOf(head: string): number[] {
  const numbers = head.split(' ').map(Number);
  return numbers.every((each) => Number.isSafeInteger(each) && each >= 0) ? numbers : [];
}
