import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** One series of a metric: its labels and a getter that is read when somebody asks. */
export interface Reading {
  /** Values from closed, small sets: stage, reason, topic, partition. Never a user, a statement, an address. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

const COUNTER_NAME = /^sqltrail_[a-z]+(?:_[a-z0-9]+)+_total$/;
const GAUGE_NAME = /^sqltrail_[a-z]+(?:_[a-z0-9]+)+$/;
/** Beyond it a metric's further series are left out: a label has got out of hand. */
const MAX_SERIES = 1000;
/** How often the lag of the event loop is measured. Every 10 ms, as prom-client would, is most of the wake-ups of an idle edge. */
const EVENT_LOOP_LOOK_MS = 100;

/**
 * The numbers of a service in Prometheus' text format, with the usual ones of the process. Hot paths count in plain numbers of
 * their own; these are read when /metrics is asked for. The only module that imports prom-client.
 */
export class Metrics {
  readonly contentType: string;
  private readonly registry = new Registry();

  constructor(service: string) {
    this.contentType = this.registry.contentType;
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: EVENT_LOOP_LOOK_MS });
  }

  /**
   * @param name `sqltrail_<area>_<what>_<unit>_total`.
   * @param read Totals since the process started; they never fall.
   * @throws RangeError for a name of another form.
   */
  counter(name: string, help: string, labelNames: readonly string[], read: () => Iterable<Reading>): void {
    if (!COUNTER_NAME.test(name)) throw new RangeError(`A counter cannot be called ${name}.`);
    const counter = new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      collect: () => {
        counter.reset();
        for (const { labels, value } of bounded(read())) counter.inc(labels ?? {}, finite(value));
      },
    });
  }

  /** @param name `sqltrail_<area>_<what>_<unit>`. @throws RangeError for a name of another form. */
  gauge(name: string, help: string, labelNames: readonly string[], read: () => Iterable<Reading>): void {
    if (!GAUGE_NAME.test(name) || name.endsWith('_total')) throw new RangeError(`A gauge cannot be called ${name}.`);
    const gauge = new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      collect: () => {
        gauge.reset();
        for (const { labels, value } of bounded(read())) gauge.set(labels ?? {}, finite(value));
      },
    });
  }

  /**
   * A counter for each number of a plain object of counters: `{packets: 3}` of area `edge` is `sqltrail_edge_packets_total`,
   * `{gapBytes: 1}` is `sqltrail_edge_gap_bytes_total`.
   *
   * @param describe What each of them counts.
   * @param read The object of counters as it is now.
   */
  counters<Name extends string>(
    area: string,
    describe: Readonly<Record<Name, string>>,
    read: () => Readonly<Record<Name, number>>,
  ): void {
    for (const name of Object.keys(describe) as Name[]) {
      this.counter(`sqltrail_${area}_${snakeCase(name)}_total`, describe[name], [], () => [{ value: read()[name] }]);
    }
  }

  /** Everything in Prometheus' text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}

function* bounded(readings: Iterable<Reading>): Iterable<Reading> {
  let count = 0;
  for (const reading of readings) {
    if (++count > MAX_SERIES) return;
    yield reading;
  }
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
