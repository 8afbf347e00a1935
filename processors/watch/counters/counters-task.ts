import type { ServerMinute } from '../../../schemas/server-minute.ts';
import type { MysqlConnection } from '../mysql-connection.ts';
import { MysqlFault } from '../mysql-fault.ts';
import type { ServerFacts, WatchTask } from '../watch-task.ts';
import { type Clocks, SampleReader } from './read-sample.ts';
import { ServerCounters } from './server-counters.ts';
import type { ServerSample } from './server-sample.ts';

export interface CountersTaskOptions {
  readonly serverId: string;
  /** The watcher's run. */
  readonly origin: string;
  /** Brings minutes where they belong; rejects where that failed, and they are given again. */
  readonly publish: (minutes: readonly ServerMinute[]) => Promise<void>;
  readonly clocks: Clocks;
}

/** How long a refusal by the performance schema is taken for an answer: rights may be given meanwhile. */
const REFUSED_MS = 600_000;

/** Reads a server's counters every ten seconds of the clock, so also at the start of each minute, and publishes its minutes. */
export class CountersTask implements WatchTask {
  readonly name = 'counters';
  readonly everyMs = 10_000;
  readonly isOnTheClock = true;
  private readonly options: CountersTaskOptions;
  private readonly reader: SampleReader;
  private readonly counters: ServerCounters;
  private isPublishing = false;
  private refusedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: CountersTaskOptions) {
    this.options = options;
    this.reader = new SampleReader(options.clocks);
    this.counters = new ServerCounters(options.serverId, options.origin);
  }

  async run(connection: MysqlConnection, facts: ServerFacts, timeoutMs: number): Promise<void> {
    this.counters.add(await this.sample(connection, facts, timeoutMs));
    // What waits for Kafka waits here, where minutes replace themselves.
    if (this.isPublishing) return;
    const minutes = this.counters.changed();
    if (minutes.length === 0) return;
    this.isPublishing = true;
    this.options
      .publish(minutes)
      .catch(() => {
        this.counters.unpublished(minutes);
      })
      .finally(() => {
        this.isPublishing = false;
      });
  }

  private async sample(connection: MysqlConnection, facts: ServerFacts, timeoutMs: number): Promise<ServerSample> {
    const mayAsk = facts.hasPerformanceSchema && this.options.clocks.steadyMs() >= this.refusedUntilMs;
    if (!mayAsk) return this.reader.read(connection, facts, timeoutMs, false);
    try {
      const sample = await this.reader.read(connection, facts, timeoutMs, true);
      this.refusedUntilMs = Number.NEGATIVE_INFINITY;
      return sample;
    } catch (error) {
      if (!(error instanceof MysqlFault) || error.isFatal) throw error;
      this.refusedUntilMs = this.options.clocks.steadyMs() + REFUSED_MS;
      return this.reader.read(connection, facts, timeoutMs, false);
    }
  }
}
