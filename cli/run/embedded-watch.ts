import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import type { EventStep, StepVerdict } from '../../processors/event-steps.ts';
import { IdentifyPartitions } from '../../processors/identify/identify-partitions.ts';
import { endpointOf, SessionTable } from '../../processors/identify/session-table.ts';
import type { AuditStore } from '../../processors/store/audit-store.ts';
import { applySweep } from '../../processors/watch/apply-sweep.ts';
import { CountersTask } from '../../processors/watch/counters/counters-task.ts';
import { WatchLedger } from '../../processors/watch/watch-ledger.ts';
import { Watcher } from '../../processors/watch/watcher.ts';
import type { AuditEvent, ConnectionFacts } from '../../schemas/audit-event.ts';
import { canonicalAddress } from '../../schemas/canonical-address.ts';
import type { ConnectionIdentity } from '../../schemas/connection-identity.ts';
import type { ServerMinute } from '../../schemas/server-minute.ts';
import { isOwnAddress, ownAddresses } from './own-addresses.ts';
import type { WatchOptions } from './watch-options.ts';

/** Servers found in the capture that are asked; a flood of invented ones is not. */
const MAX_FOUND = 16;
/** A first statement is asked about only when the clocks leave no doubt that the answer is newer. */
const ASK_AFTER_MS = 1_500;
const POLL_MS = 1_000;
const LEDGER_MS = 5_000;

/**
 * The watcher of a run in one process: servers are asked beside the capture, and its events are named as they pass; nothing waits
 * for it. Without a host it asks the servers it captures, but only those on this host: a password goes to no stranger.
 */
export class EmbeddedWatch implements EventStep {
  readonly watcher: Watcher;
  private readonly step: IdentifyPartitions;
  private readonly options: WatchOptions;
  private readonly store: AuditStore | null;
  /** Of this run. */
  readonly origin = `watch:${randomBytes(8).toString('hex')}`;
  private readonly ledger = new WatchLedger(this.origin);
  private readonly seen = new Set<string>();
  private identities: ConnectionIdentity[] = [];
  private minutes: ServerMinute[] = [];
  private polledMs = 0;
  private accountedMs = 0;

  /** @param store Null: only what passes is named. @param say Takes sentences for people. */
  constructor(options: WatchOptions, store: AuditStore | null, say: (sentence: string) => void) {
    const table = new SessionTable();
    this.options = options;
    this.store = store;
    this.step = new IdentifyPartitions(table, ({ connection }) => {
      const server = table.serverOf(connection);
      this.watcher.askSoon(server?.serverId ?? connection.serverId, ASK_AFTER_MS);
    });
    this.step.open(0, (identity) => this.identities.push(identity));
    this.watcher = new Watcher({
      intervalMs: options.intervalMs,
      queryTimeoutMs: options.queryTimeoutMs,
      moreTasks: ({ names }) =>
        store === null
          ? []
          : [
              new CountersTask({
                serverId: names.serverId,
                origin: this.origin,
                publish: (minutes) => {
                  this.minutes.push(...minutes);
                  return Promise.resolve();
                },
                clocks: { nowMs: Date.now, steadyMs: () => performance.now() },
              }),
            ],
      onSweep: (sweep) => applySweep(table, sweep),
      onAttempt: (serverId, fault, isNews) => {
        this.ledger.count(serverId, fault?.kind ?? null, Date.now());
        if (isNews)
          say(
            fault === null
              ? `MySQL at ${serverId} answers again.`
              : `MySQL at ${serverId}: ${fault.message}. ${fault.cure}`,
          );
      },
      lookUp,
      nowMs: Date.now,
      random: Math.random,
    });
  }

  /** Begins with the servers that are named. */
  async start(): Promise<void> {
    for (const server of this.options.servers) this.watcher.add(server);
    const { login } = this.options;
    if (login === null || login.host === null) return;
    const own = ownAddresses();
    const addresses = canonicalAddress(login.host) === null ? await lookUp(login.host).catch(() => []) : [login.host];
    // A server of this host is captured under any of its addresses.
    const captured = addresses.some((address) => isOwnAddress(address, own)) ? [...addresses, ...own] : addresses;
    const endpoints = captured.map((address) => endpointOf(canonicalAddress(address) ?? address, login.port));
    this.ask(endpointOf(login.host, login.port), [...new Set(endpoints)], login.host, login.port);
  }

  apply(event: AuditEvent): StepVerdict {
    if (!this.seen.has(event.connection.serverId)) this.find(event.connection);
    return this.step.apply(event);
  }

  /** The capture saw the end of a connection. */
  ended({ uid }: ConnectionFacts, timeUs: number): void {
    this.step.partitions.get(0)?.ended(uid, timeUs);
  }

  /** To be called some times a second. */
  tick(nowMs: number): void {
    if (nowMs - this.polledMs < POLL_MS) return;
    this.polledMs = nowMs;
    this.step.partitions.get(0)?.poll(nowMs, true);
    if (nowMs - this.accountedMs >= LEDGER_MS) this.account(nowMs);
    this.writeOut();
  }

  /** Ends the asking, and gives the store what it has not yet. */
  async close(): Promise<void> {
    await this.watcher.close();
    const { store } = this;
    if (store === null) return;
    await store.ready();
    this.account(Date.now());
    this.writeOut();
  }

  private find(connection: ConnectionFacts): void {
    const { serverId, serverAddress, serverPort } = connection;
    const { login } = this.options;
    if (this.seen.size < MAX_FOUND) this.seen.add(serverId);
    else return;
    if (login === null || login.host !== null || this.watcher.servers.has(serverId)) return;
    if (!isOwnAddress(serverAddress, ownAddresses())) return;
    this.ask(serverId, [endpointOf(serverAddress, serverPort)], serverAddress, serverPort);
  }

  private ask(serverId: string, addresses: readonly string[], host: string, port: number): void {
    const { login, connectTimeoutMs } = this.options;
    if (login === null) return;
    this.watcher.add({
      names: { serverId, addresses, port },
      mysql: { host, port, user: login.user, password: login.password, connectTimeoutMs },
      clientAddresses: new Map(),
    });
  }

  private account(nowMs: number): void {
    this.accountedMs = nowMs;
    for (const entry of this.ledger.takeChanged()) this.store?.addEntry(entry);
  }

  /** What became known goes to the store where it has room; else with a later tick. */
  private writeOut(): void {
    const { store } = this;
    if (store === null) {
      this.identities = [];
      return;
    }
    const waiting = store.ready();
    if (waiting !== null) {
      // Who adds events hears of its failure.
      waiting.catch(() => {});
      return;
    }
    for (const identity of this.identities.splice(0)) store.addIdentity(identity);
    for (const minute of this.minutes.splice(0)) store.addServerMinute(minute);
  }
}

async function lookUp(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}
