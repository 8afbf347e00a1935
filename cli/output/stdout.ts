let isReaderGone = false;
let isListening = false;

/** Writes to stdout and settles when it may be given more. Once its reader has gone, what is printed is dropped quietly. */
export function printToStdout(text: string): Promise<void> {
  expectReaderToGo();
  return new Promise((resolve, reject) => {
    if (isReaderGone) return resolve();
    process.stdout.write(text, (error) => {
      if (error === undefined || error === null || isBrokenPipe(error)) resolve();
      else reject(error);
    });
  });
}

/**
 * To be called before others write to stdout. An error of the stream is also an event, which would end the process with a stack
 * where nobody listens: `sqltrail --help | head`.
 */
export function expectReaderToGo(): void {
  if (isListening) return;
  isListening = true;
  process.stdout.on('error', (error) => {
    if (isBrokenPipe(error)) isReaderGone = true;
  });
}

function isBrokenPipe(error: Error): boolean {
  return 'code' in error && error.code === 'EPIPE';
}
