// Hot path
import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { ConnectionIdentity } from '../../schemas/connection-identity.ts';
import type { Finding } from '../../schemas/finding.ts';
import type { LedgerEntry } from '../../schemas/ledger.ts';
import { Loss } from '../../schemas/loss.ts';
import type { ServerMinute } from '../../schemas/server-minute.ts';
import { FactBlock } from './fact-block.ts';
import { FindingBlock, MAX_FINDINGS } from './finding-block.ts';
import { IdentityBlock } from './identity-block.ts';
import { LedgerBlock } from './ledger-block.ts';
import { LossBlock } from './loss-block.ts';
import { MarkBlock } from './mark-block.ts';
import type { MarkedMinutes } from './marked-minutes.ts';
import { MAX_BLOCK_ROWS } from './native-strings.ts';
import { ServerMinuteBlock } from './server-minute-block.ts';
import { StatementBlock } from './statement-block.ts';

/** Minutes that one connection's late user may change in the rollups: those of a day. */
const IDENTITY_MINUTES = 1440;
const MINUTE_US = 60_000_000;

/** What the store takes. */
export type StoreRow = AuditEvent | Loss | LedgerEntry | ServerMinute | ConnectionIdentity | Finding;

export interface BatchOptions {
  readonly keepsRaw: boolean;
  /** Whether the rows given are remembered, so that they can be written anew in smaller batches. */
  readonly remembersRows: boolean;
  /** As `MarkBlock` has it. */
  readonly markedMinutes: MarkedMinutes | null;
}

/** Facts, the statement texts they need and the store may lack, the minutes they change; losses, ledger entries, minutes of servers, users of connections and parts of findings. */
export class StoreBatch {
  readonly facts: FactBlock;
  readonly statements = new StatementBlock();
  readonly losses = new LossBlock();
  readonly ledger = new LedgerBlock();
  readonly serverMinutes = new ServerMinuteBlock();
  readonly identities = new IdentityBlock();
  readonly findings = new FindingBlock();
  readonly marks: MarkBlock;
  /** Empty where rows are not remembered. */
  remembered: StoreRow[] = [];
  /** `tick`'s time when the batch was first seen non-empty; NaN before. */
  sinceMs = Number.NaN;
  readonly #remembersRows: boolean;

  constructor(options: BatchOptions) {
    this.facts = new FactBlock(options.keepsRaw);
    this.marks = new MarkBlock(options.markedMinutes);
    this.#remembersRows = options.remembersRows;
  }

  /** Of the fullest block. */
  get rows(): number {
    return Math.max(
      this.facts.rows,
      this.losses.rows,
      this.ledger.rows,
      this.serverMinutes.rows,
      this.identities.rows,
      this.findings.rows,
    );
  }

  /** Whether a block has no room for a further row. */
  get hasFullBlock(): boolean {
    return (
      this.rows >= MAX_BLOCK_ROWS ||
      this.findings.rows >= MAX_FINDINGS ||
      this.marks.rows > MAX_BLOCK_ROWS - IDENTITY_MINUTES
    );
  }

  get bytes(): number {
    return (
      this.facts.bytes +
      this.statements.bytes +
      this.ledger.bytes +
      this.serverMinutes.bytes +
      this.identities.bytes +
      this.findings.bytes
    );
  }

  /** @returns Whether the statement's digest is new to this batch. */
  addEvent(event: AuditEvent): boolean {
    this.marks.add(event.connection.serverId, event.timeUs);
    if (this.#remembersRows) this.remembered.push(event);
    return this.facts.add(event);
  }

  addLoss(loss: Loss): void {
    if (this.#remembersRows) this.remembered.push(loss);
    this.losses.add(loss);
  }

  addEntry(entry: LedgerEntry): void {
    // Its owner goes on counting in it.
    if (this.#remembersRows)
      this.remembered.push({ ...entry, lost: { ...entry.lost }, impaired: { ...entry.impaired } });
    this.ledger.add(entry);
  }

  addServerMinute(minute: ServerMinute): void {
    if (this.#remembersRows) this.remembered.push(minute);
    this.serverMinutes.add(minute);
  }

  addIdentity(identity: ConnectionIdentity): void {
    if (this.#remembersRows) this.remembered.push(identity);
    this.#writeIdentity(identity);
  }

  addFinding(part: Finding): void {
    if (this.#remembersRows) this.remembered.push(part);
    this.findings.add(part);
  }

  /** Holds these rows and no others, each with the text it needs. */
  refill(rows: readonly StoreRow[]): void {
    this.reset();
    for (const row of rows) {
      if (row instanceof Loss) this.losses.add(row);
      else if ('stage' in row) this.ledger.add(row);
      else if ('measuredMs' in row) this.serverMinutes.add(row);
      else if ('connectionUid' in row) this.#writeIdentity(row);
      else if ('finding_id' in row) this.findings.add(row);
      else {
        this.marks.add(row.connection.serverId, row.timeUs);
        if (this.facts.add(row) && row.statement !== null) this.statements.add(row.statement, row.timeUs);
      }
    }
  }

  /** The minutes it may change are to be summed up anew. */
  #writeIdentity(identity: ConnectionIdentity): void {
    const { serverId, firstUs, lastUs } = identity;
    this.identities.add(identity);
    const earliestUs = Math.max(firstUs, lastUs - (IDENTITY_MINUTES - 2) * MINUTE_US);
    for (let timeUs = lastUs; timeUs > earliestUs; timeUs -= MINUTE_US) this.marks.add(serverId, timeUs);
    this.marks.add(serverId, earliestUs);
  }

  reset(): void {
    this.facts.reset();
    this.statements.reset();
    this.losses.reset();
    this.ledger.reset();
    this.serverMinutes.reset();
    this.identities.reset();
    this.findings.reset();
    this.marks.reset();
    this.remembered = [];
    this.sinceMs = Number.NaN;
  }
}
