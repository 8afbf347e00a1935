import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { failureText } from '../../processors/alert/alert-sink.ts';
import { AlertStateFile } from '../../processors/alert/alert-state-file.ts';
import type { EventSink } from '../../processors/event-sink.ts';
import type { AuditStore } from '../../processors/store/audit-store.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import type { Finding } from '../../schemas/finding.ts';
import { findingRecord } from '../../schemas/finding-record.ts';
import { TOPIC } from '../../schemas/topics.ts';
import type { Config } from '../config/config-schema.ts';
import { type Alerting, openAlerting } from './open-alerting.ts';
import { ruleDescriptions } from './rule-descriptions.ts';

/** How long the end of a run waits for receivers. */
const DRAIN_MS = 10_000;
const DRAIN_POLL_MS = 20;
const COMMIT_MS = 1_000;

interface EmbeddedAlertsParts {
  readonly alerting: Alerting;
  readonly state: AlertStateFile;
  readonly say: (sentence: string) => void;
  readonly drainMs: number;
}

/**
 * Alerts of an embedded run: a sink to be closed behind its findings and before its store. What no receiver has taken is in a file
 * beside the store, and sent by the next run.
 */
export class EmbeddedAlerts implements EventSink {
  private readonly parts: EmbeddedAlertsParts;
  private offset: number;
  private committedMs = 0;
  private committing: Promise<unknown> = Promise.resolve();
  private failure: unknown = null;

  private constructor(parts: EmbeddedAlertsParts, offset: number) {
    this.parts = parts;
    this.offset = offset;
  }

  /**
   * @param directory Of the store.
   * @param store Takes the ledger's entries.
   * @param say A sentence for people, without anything of an alert.
   * @param drainMs How long the end waits for receivers.
   * @throws SqltrailError `config_invalid` where a secret or certificate cannot be read.
   */
  static async open(
    config: Config,
    directory: string,
    store: Pick<AuditStore, 'addEntry'>,
    say: (sentence: string) => void,
    drainMs = DRAIN_MS,
  ): Promise<EmbeddedAlerts> {
    const state = new AlertStateFile(join(directory, 'alerts', 'state.ndjson'));
    let failure: unknown = null;
    const alerting = openAlerting(config, {
      books: {
        publish: (_, entries) => {
          for (const entry of entries) store.addEntry(entry);
          return Promise.resolve();
        },
        // What it takes was made in this process.
        deadLetters: () => Promise.resolve(),
      },
      stateOf: () => state,
      describeRule: await ruleDescriptions(config, say),
      onTrouble: (sink, trouble) =>
        say(
          trouble === null
            ? `The alert sink ${sink} takes alerts again.`
            : `The alert sink ${sink} takes no alerts. ${trouble}`,
        ),
      warn: say,
      fail: (error) => {
        failure = error;
      },
    });
    const start = await alerting.member.assigned(TOPIC.findings, 0);
    if (failure !== null) throw failure;
    return new EmbeddedAlerts({ alerting, state, say, drainMs }, start ?? 0);
  }

  /** A part of a finding, new or changed. */
  take(part: Finding): void {
    const { key, value } = findingRecord(part, 1);
    const record = { topic: TOPIC.findings, partition: 0, offset: this.offset++, key, value, timeMs: Date.now() };
    this.parts.alerting.member.handle(record);
  }

  add(): void {}

  ready(): null {
    return null;
  }

  tick(nowMs: number): void {
    this.parts.alerting.member.tick();
    if (nowMs - this.committedMs < COMMIT_MS) return;
    this.committedMs = nowMs;
    this.commit();
  }

  /** Tells what is still to be told, and gives the sinks some seconds to take it. @throws What kept the state from being written. */
  async close(): Promise<void> {
    const { alerting, state, say, drainMs } = this.parts;
    const { member, queues } = alerting;
    const untilMs = Date.now() + drainMs;
    member.tellAll();
    do {
      member.tick();
      await member.commit().catch((error: unknown) => {
        this.failure ??= error;
      });
      if (this.failure !== null || [...queues.values()].every(({ length }) => length === 0)) break;
      await pause(DRAIN_POLL_MS);
    } while (Date.now() < untilMs);
    await this.committing;
    await alerting.close();
    await member.commit().catch((error: unknown) => {
      this.failure ??= error;
    });
    await state.close();
    for (const { name, length } of queues.values())
      if (length > 0) say(`${length} alerts for the sink ${name} wait for the next run.`);
    if (this.failure !== null) throw this.failure;
  }

  private commit(): void {
    this.committing = this.committing.then(() =>
      this.parts.alerting.member.commit().catch((error: unknown) => {
        // A run may go on for months: its end, which throws it, is late.
        if (this.failure === null)
          this.parts.say(`Alerts cannot be kept, and may not be sent any more. ${textOf(error)}`);
        this.failure ??= error;
      }),
    );
  }
}

function textOf(error: unknown): string {
  return error instanceof SqltrailError ? error.message : failureText(error);
}
