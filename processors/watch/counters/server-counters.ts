import { type Channel, emptyServerMinute, type ServerMinute } from '../../../schemas/server-minute.ts';
import { AccountChannels } from './account-channels.ts';
import { counterGain } from './counter-gain.ts';
import { MINUTE_MS, minuteShares, snapped } from './minute-shares.ts';
import type { ServerSample } from './server-sample.ts';

/** Between two readings the clock may have been set by so much and is still believed. */
const CLOCK_STEP_MS = 2_000;
/** Counters of which at least one is lower after a new start, whatever the clock of the server does. */
const ONLY_GROWING = ['questions', 'queries', 'connections', 'bytes_sent', 'bytes_received'];
/** A minute that is past for so long is published for the last time. */
const KEPT_MS = 3 * MINUTE_MS;
/** A week. Beyond it the earliest are forgotten. */
const MAX_UNPUBLISHED = 10_080;
/** Minutes between two readings; what is more is counted in the last of them. */
const MAX_MINUTES = 1_440;

type Figure =
  | 'questions'
  | 'queries'
  | 'connections'
  | 'abortedConnects'
  | 'bytesReceived'
  | 'bytesSent'
  | 'sslAccepts'
  | 'ownQuestions';

/** Status variables by what they are called here. */
const FIGURES: readonly (readonly [variable: string, figure: Figure])[] = [
  ['questions', 'questions'],
  ['queries', 'queries'],
  ['connections', 'connections'],
  ['aborted_connects', 'abortedConnects'],
  ['bytes_received', 'bytesReceived'],
  ['bytes_sent', 'bytesSent'],
  ['ssl_accepts', 'sslAccepts'],
];

/** What happened between two readings. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly measuredMs: number;
  readonly isRestart: boolean;
  readonly isFlush: boolean;
  readonly perSecond: number;
  readonly figures: ReadonlyMap<Figure, number>;
  readonly commands: ReadonlyMap<string, number>;
  readonly channels: Partial<Record<Channel, number>>;
}

/**
 * Makes minutes of a server out of readings of its counters. Pure. Over all minutes the figures add up to exactly what the counters
 * gained: a reading near the start of a minute is taken as made there, and what lies between readings further apart is divided over
 * the minutes by time; `uncertaintyMs` says how far off.
 */
export class ServerCounters {
  private readonly serverId: string;
  private readonly origin: string;
  private readonly accountChannels = new AccountChannels();
  private readonly minutes = new Map<number, ServerMinute>();
  private readonly dirty = new Set<number>();
  private last: ServerSample | null = null;

  constructor(serverId: string, origin: string) {
    this.serverId = serverId;
    this.origin = origin;
  }

  /** Readings in the order in which they were made. The first one, and one after which counters cannot be compared, only begins. */
  add(sample: ServerSample): void {
    const { last } = this;
    this.last = sample;
    if (last === null) return;
    const span = this.spanBetween(last, sample);
    this.divide(span, sample, uncertaintyOf(last, sample));
    for (const minuteMs of this.dirty) {
      if (this.dirty.size <= MAX_UNPUBLISHED) break;
      this.dirty.delete(minuteMs);
      this.minutes.delete(minuteMs);
    }
  }

  /** Minutes that changed since the last call, a week of them at most; those long past are then forgotten. */
  changed(): ServerMinute[] {
    const changed = [...this.dirty].map((minuteMs) => copyOf(this.minutes.get(minuteMs)!));
    this.dirty.clear();
    const latest = this.last?.atMs ?? 0;
    for (const minuteMs of this.minutes.keys())
      if (Math.abs(latest - minuteMs) > KEPT_MS) this.minutes.delete(minuteMs);
    return changed;
  }

  /** These could not be published: they are given again. */
  unpublished(minutes: readonly ServerMinute[]): void {
    for (const minute of minutes) {
      if (!this.minutes.has(minute.minuteMs)) this.minutes.set(minute.minuteMs, copyOf(minute));
      this.dirty.add(minute.minuteMs);
    }
  }

  private spanBetween(last: ServerSample, sample: ServerSample): Span {
    const elapsedMs = Math.max(0, sample.steadyMs - last.steadyMs);
    const isRestart = hasRestarted(last, sample, elapsedMs);
    let isFlush = false;
    let isQuestionsSetBack = false;
    const gainOf = (name: string): number => {
      const after = sample.counters.get(name) ?? 0n;
      if (isRestart) return Number(after);
      const { gain, isSetBack } = counterGain(last.counters.get(name) ?? 0n, after);
      isFlush ||= isSetBack;
      if (name === 'questions') isQuestionsSetBack = isSetBack;
      return Number(gain);
    };
    const figures = new Map(FIGURES.map(([variable, figure]) => [figure, gainOf(variable)] as const));
    const commands = new Map<string, number>();
    for (const name of sample.counters.keys()) if (name.startsWith('com_')) commands.set(name.slice(4), gainOf(name));
    const isSameConnection = !isRestart && last.connectionId === sample.connectionId;
    const own = isSameConnection ? counterGain(last.ownQuestions, sample.ownQuestions).gain : sample.ownQuestions;
    figures.set('ownQuestions', Number(own));
    const isKnown = sample.accounts !== null && (isRestart || last.accounts !== null);
    const channels = isKnown
      ? this.accountChannels.between(isRestart ? [] : (last.accounts ?? []), sample.accounts ?? [], own)
      : {};
    const isStepped = Math.abs(sample.atMs - last.atMs - elapsedMs) > CLOCK_STEP_MS;
    const aliveMs = isRestart ? Math.min(elapsedMs, sample.uptimeS * 1000) : elapsedMs;
    const toMs = snapped(sample.atMs);
    const fromMs = isStepped ? minuteOf(toMs - 1) : isRestart ? toMs - aliveMs : snapped(last.atMs);
    // Of a counter that was set back it is not known what it had reached: the time counts as not measured.
    const measuredMs = isQuestionsSetBack ? 0 : isStepped ? aliveMs : toMs - fromMs;
    const seconds = Math.max(1, aliveMs / 1000);
    const perSecond = Math.ceil((figures.get('questions') ?? 0) / seconds);
    return {
      fromMs: Math.min(fromMs, toMs),
      toMs,
      measuredMs,
      isRestart,
      isFlush,
      perSecond,
      figures,
      commands,
      channels,
    };
  }

  private divide(span: Span, sample: ServerSample, uncertaintyMs: number): void {
    const shares = minuteShares(span.fromMs, span.toMs, MAX_MINUTES);
    const wholeMs = span.toMs - span.fromMs;
    let doneMs = 0;
    for (const { minuteMs, ms } of shares) {
      const minute = this.minute(minuteMs);
      const from = wholeMs === 0 ? 0 : doneMs / wholeMs;
      doneMs += ms;
      const to = wholeMs === 0 || doneMs >= wholeMs ? 1 : doneMs / wholeMs;
      for (const [figure, gain] of span.figures) minute[figure] += part(gain, from, to);
      addParts(minute.commands, span.commands, from, to);
      addParts(minute.channels, new Map(Object.entries(span.channels)), from, to);
      minute.measuredMs = Math.min(MINUTE_MS, minute.measuredMs + Math.min(ms, span.measuredMs));
      minute.peakPerSecond = Math.max(minute.peakPerSecond, span.perSecond);
      const isCut = shares.length > 1 || span.fromMs === minuteMs || span.toMs === minuteMs + MINUTE_MS;
      if (isCut) minute.uncertaintyMs = Math.max(minute.uncertaintyMs, uncertaintyMs);
      minute.version = Math.max(minute.version + 1, Math.round(sample.atMs));
      this.dirty.add(minuteMs);
    }
    const at = this.minute(shares.at(-1)!.minuteMs);
    if (span.isRestart) at.restarts++;
    if (span.isFlush) at.flushes++;
  }

  private minute(minuteMs: number): ServerMinute {
    let minute = this.minutes.get(minuteMs);
    if (minute === undefined) {
      minute = emptyServerMinute(this.serverId, this.origin, minuteMs);
      this.minutes.set(minuteMs, minute);
    }
    return minute;
  }
}

/**
 * Uptime went back, and counters with it. Uptime alone does not tell: the server takes it from its clock, which may be set; nor do
 * counters alone, which may be set back.
 */
function hasRestarted(last: ServerSample, sample: ServerSample, elapsedMs: number): boolean {
  const isYounger = sample.uptimeS < last.uptimeS || sample.uptimeS * 1000 + CLOCK_STEP_MS < elapsedMs;
  return isYounger && ONLY_GROWING.some((name) => (sample.counters.get(name) ?? 0n) < (last.counters.get(name) ?? 0n));
}

/** How far the two readings are from the ends of minutes that they stand for, or between which they lie. */
function uncertaintyOf(last: ServerSample, sample: ServerSample): number {
  const off = Math.max(
    ...[last, sample].map(({ atMs, tookMs }) => {
      const distance = Math.abs(atMs - snapped(atMs));
      return distance + tookMs / 2;
    }),
  );
  const isDivided = minuteOf(snapped(last.atMs)) !== minuteOf(snapped(sample.atMs) - 1);
  return Math.ceil(isDivided ? Math.max(off, Math.abs(sample.atMs - last.atMs)) : off);
}

function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

/** Rounded such that the parts of a whole add up to it. */
function part(gain: number, from: number, to: number): number {
  return Math.floor(gain * to) - Math.floor(gain * from);
}

function addParts(sums: Record<string, number>, gains: ReadonlyMap<string, number>, from: number, to: number): void {
  for (const [name, gain] of gains) {
    const some = part(gain, from, to);
    if (some > 0) sums[name] = (sums[name] ?? 0) + some;
  }
}

function copyOf(minute: ServerMinute): ServerMinute {
  return { ...minute, commands: { ...minute.commands }, channels: { ...minute.channels } };
}
