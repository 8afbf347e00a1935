/** Batches on their way to the bus: sent one after another, in the order they came, however many callers drain. */
export class Outbox {
  private readonly send: (batch: Buffer) => Promise<void>;
  private readonly batches: Buffer[] = [];
  /** Of those that wait. */
  bytes = 0;
  private draining: Promise<void> | null = null;

  constructor(send: (batch: Buffer) => Promise<void>) {
    this.send = send;
  }

  get length(): number {
    return this.batches.length;
  }

  push(batch: Buffer): void {
    this.batches.push(batch);
    this.bytes += batch.length;
  }

  /** Resolves when everything pushed before, and what is pushed meanwhile, is sent. */
  drain(): Promise<void> {
    this.draining ??= this.sendAll().finally(() => {
      this.draining = null;
    });
    return this.draining;
  }

  private async sendAll(): Promise<void> {
    for (let batch = this.batches.shift(); batch !== undefined; batch = this.batches.shift()) {
      this.bytes -= batch.length;
      await this.send(batch);
    }
  }
}
