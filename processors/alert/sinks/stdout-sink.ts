import type { Alert } from '../../../schemas/alert.ts';
import type { AlertSink } from '../alert-sink.ts';

/** What of a stream is needed to write to it. */
export interface LineOutput {
  write(text: string, done: (error?: Error | null) => void): unknown;
}

/** One line of JSON an alert, the same as a webhook's body. */
export class StdoutSink implements AlertSink {
  readonly #output: LineOutput;
  /** What the stream still holds: tried again it is waited for, or a reader that stands would fill the memory with copies. */
  #writing: { readonly alertId: string; readonly done: Promise<void> } | null = null;

  constructor(output: LineOutput = process.stdout) {
    this.#output = output;
  }

  async send(alert: Alert): Promise<void> {
    if (this.#writing?.alertId !== alert.alert_id)
      this.#writing = { alertId: alert.alert_id, done: this.#write(`${JSON.stringify(alert)}\n`) };
    const writing = this.#writing;
    try {
      await writing.done;
    } finally {
      if (this.#writing === writing) this.#writing = null;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #write(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#output.write(line, (error) => {
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
    });
  }
}
