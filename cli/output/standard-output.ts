/**
 * Writes text to standard output in large pieces and waits for slow readers. A reader that goes away (`| head`) is no error:
 * what follows is dropped.
 */
export class StandardOutput {
  private text = '';
  private isClosed = false;
  private draining: Promise<void> | null = null;

  constructor() {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      this.isClosed = true;
    });
  }

  write(text: string): void {
    if (this.isClosed) return;
    this.text += text;
    if (this.text.length >= PIECE_CHARACTERS) this.flush();
  }

  /** Null while more may be written; otherwise settles when the reader has caught up. */
  ready(): Promise<void> | null {
    return this.draining;
  }

  flush(): void {
    if (this.text === '' || this.isClosed) return;
    const { text } = this;
    this.text = '';
    if (process.stdout.write(text) || this.draining !== null) return;
    this.draining = new Promise((resolve) => {
      const done = () => {
        process.stdout.off('drain', done);
        process.stdout.off('error', done);
        this.draining = null;
        resolve();
      };
      process.stdout.on('drain', done);
      process.stdout.on('error', done);
    });
  }
}

const PIECE_CHARACTERS = 64 * 1024;
