import type { BusRecord, GroupMember, Position } from '../../bus/bus.ts';

/** A member that writes down what happens to it. What it should do differently is given as options. */
export class RecordingMember implements GroupMember {
  readonly records: BusRecord[] = [];
  /** `assigned 0`, `handle 0:3` (partition and offset), `revoked 0`, in the order they happened. */
  readonly events: string[] = [];
  commits = 0;
  readonly work: string;
  private readonly handled = new Map<string, Position>();
  private readonly options: {
    readonly work?: string;
    readonly start?: (topic: string, partition: number) => Promise<number | null>;
    readonly handle?: (record: BusRecord) => Promise<void> | void;
    readonly commit?: (positions: readonly Position[]) => Promise<readonly Position[]>;
  };

  constructor(options: RecordingMember['options'] = {}) {
    this.options = options;
    this.work = options.work ?? '';
  }

  get texts(): string[] {
    return this.records.map((record) => String(record.value));
  }

  textsOf(partition: number): string[] {
    return this.records.filter((record) => record.partition === partition).map((record) => String(record.value));
  }

  async assigned(topic: string, partition: number): Promise<number | null> {
    this.events.push(`assigned ${partition}`);
    const start = (await this.options.start?.(topic, partition)) ?? null;
    this.events.push(`ready ${partition}`);
    return start;
  }

  async handle(record: BusRecord): Promise<void> {
    this.events.push(`handle ${record.partition}:${record.offset}`);
    this.records.push(record);
    await this.options.handle?.(record);
    const { topic, partition, offset } = record;
    this.handled.set(`${topic}/${partition}`, { topic, partition, offset: offset + 1 });
  }

  async commit(): Promise<readonly Position[]> {
    this.commits++;
    const positions = [...this.handled.values()];
    this.handled.clear();
    return (await this.options.commit?.(positions)) ?? positions;
  }

  revoked(topic: string, partition: number): void {
    this.events.push(`revoked ${partition}`);
    this.handled.delete(`${topic}/${partition}`);
  }
}
