import type { Alert } from '../../../schemas/alert.ts';
import type { AlertSink } from '../alert-sink.ts';

/** What of a stream is needed to write to it. */
export interface LineOutput {
  write(text: string, done: (error?: Error | null) => void): unknown;
}

/** One line of JSON an alert, the same as a webhook's body. */
export class StdoutSink implements AlertSink {
  readonly #output: LineOutput;

  constructor(output: LineOutput = process.stdout) {
    this.#output = output;
  }

  send(alert: Alert): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#output.write(`${JSON.stringify(alert)}\n`, (error) => {
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
