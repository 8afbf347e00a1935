import { printToStdout } from './stdout.ts';

/** Collects text for standard output and writes it in large pieces, one after another. */
export class StandardOutput {
  private text = '';
  private writing: Promise<void> | null = null;

  write(text: string): void {
    this.text += text;
    if (this.text.length >= PIECE_CHARACTERS) this.flush();
  }

  /** Null while nothing is being written; otherwise settles when the reader has taken it. */
  ready(): Promise<void> | null {
    return this.writing;
  }

  flush(): void {
    const { text } = this;
    if (text === '') return;
    this.text = '';
    const writing = (this.writing ?? Promise.resolve()).then(() => printToStdout(text));
    this.writing = writing;
    // A rejection is the awaiter's of `ready`; here it only ends the wait.
    const done = () => {
      if (this.writing === writing) this.writing = null;
    };
    writing.then(done, () => {});
  }
}

const PIECE_CHARACTERS = 64 * 1024;
