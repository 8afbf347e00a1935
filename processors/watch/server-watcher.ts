import { MysqlConnection, type MysqlOptions } from './mysql-connection.ts';
import { type MysqlFault, type MysqlFaultKind, mysqlFault } from './mysql-fault.ts';
import { QuerySlots } from './query-slots.ts';
import { serverFacts } from './server-facts.ts';
import type { ServerFacts, WatchTask } from './watch-task.ts';

export interface ServerWatcherOptions {
  readonly serverId: string;
  readonly mysql: MysqlOptions;
  /** Of each query. */
  readonly queryTimeoutMs: number;
  readonly tasks: readonly WatchTask[];
  /** Each attempt of a task, as it ends. @param fault Null: it succeeded. */
  readonly onAttempt: (task: WatchTask, fault: MysqlFault | null, durationMs: number) => void;
  readonly nowMs: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Watches one server: one connection, on which its tasks are run one after another, each in its slots. What fails is tried again
 * after a pause that doubles up to 30 s, with jitter, so that watchers do not come back all at once. Nobody waits for it.
 */
export class ServerWatcher {
  readonly serverId: string;
  /** Attempts that failed, by what was wrong. */
  readonly faults = new Map<MysqlFaultKind, number>();
  readonly counters = { connects: 0, queries: 0 };
  private readonly options: ServerWatcherOptions;
  private readonly slots: readonly { task: WatchTask; slots: QuerySlots }[];
  private connection: MysqlConnection | null = null;
  private facts: ServerFacts | null = null;
  private lastFault: MysqlFault | null = null;
  private attemptMs: number | null = null;
  private failures = 0;
  private readonly closing = new AbortController();
  private wake: () => void = () => {};
  private readonly ended: Promise<void>;

  constructor(options: ServerWatcherOptions) {
    this.options = options;
    this.serverId = options.serverId;
    const nowMs = options.nowMs();
    this.slots = options.tasks.map((task) => {
      const firstMs = task.isOnTheClock === true ? Math.ceil(nowMs / task.everyMs) * task.everyMs : nowMs;
      return { task, slots: new QuerySlots(task.everyMs, firstMs) };
    });
    this.ended = this.run();
  }

  /** What is wrong at present; null where all is well, or nothing was tried yet. */
  get faultNow(): MysqlFault | null {
    return this.lastFault;
  }

  /** How long the attempt in hand has been going on; 0 between attempts. */
  get waitingMs(): number {
    return this.attemptMs === null ? 0 : this.options.nowMs() - this.attemptMs;
  }

  /** Null while there is no connection. */
  get server(): ServerFacts | null {
    return this.facts;
  }

  /** Would like this task before its next slot (`QuerySlots`). */
  askSoon(name: string, delayMs: number): void {
    for (const { task, slots } of this.slots) if (task.name === name) slots.askSoon(this.options.nowMs(), delayMs);
    this.wake();
  }

  /** Ends it at once, a login or query under way with it. */
  async close(): Promise<void> {
    this.closing.abort();
    this.connection?.close();
    this.wake();
    await this.ended;
  }

  private get isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  private async run(): Promise<void> {
    while (!this.isClosed) {
      const next = this.slots.reduce((a, b) => (b.slots.dueMs < a.slots.dueMs ? b : a));
      const waitMs = next.slots.dueMs - this.options.nowMs();
      if (waitMs > 0) await this.pause(waitMs);
      else await this.attempt(next.task, next.slots);
    }
  }

  private async attempt(task: WatchTask, slots: QuerySlots): Promise<void> {
    const { options } = this;
    const startedMs = options.nowMs();
    this.attemptMs = startedMs;
    slots.asked(startedMs);
    let fault: MysqlFault | null = null;
    try {
      const { connection, facts } = await this.connected();
      this.counters.queries++;
      await task.run(connection, facts, options.queryTimeoutMs);
    } catch (error) {
      fault = mysqlFault(error);
      if (this.connection?.isUsable !== true) this.drop();
    }
    this.attemptMs = null;
    if (this.isClosed) return;
    this.lastFault = fault;
    options.onAttempt(task, fault, options.nowMs() - startedMs);
    if (fault === null) {
      this.failures = 0;
      return;
    }
    this.faults.set(fault.kind, (this.faults.get(fault.kind) ?? 0) + 1);
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.failures++, 10));
    const untilMs = options.nowMs() + longest * (0.5 + options.random() / 2);
    while (!this.isClosed && options.nowMs() < untilMs) await this.pause(untilMs - options.nowMs());
  }

  private async connected(): Promise<{ connection: MysqlConnection; facts: ServerFacts }> {
    const { connection, facts, options } = this;
    if (connection?.isUsable === true && facts !== null) return { connection, facts };
    this.drop();
    this.counters.connects++;
    const opened = await MysqlConnection.open(options.mysql, this.closing.signal);
    this.connection = opened;
    if (this.isClosed) opened.close();
    const told = await serverFacts(opened, options.serverId, options.queryTimeoutMs, () => options.nowMs() * 1000);
    this.facts = told;
    return { connection: opened, facts: told };
  }

  private drop(): void {
    this.connection?.close();
    this.connection = null;
    this.facts = null;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
