import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A pipe of the kernel's from a child process to this one. What Node makes by itself is a pair of sockets, in which every write is a buffer
 * of its own with half a kilobyte around it, and whose stream takes 64 KiB anew for each read.
 */
export class NamedPipe {
  /** For the child. To be closed here as soon as it has it: the pipe ends when nobody can write any more. */
  readonly writeEnd: number;
  private readonly readEnd: number;

  private constructor(readEnd: number, writeEnd: number) {
    this.readEnd = readEnd;
    this.writeEnd = writeEnd;
  }

  /** @returns null where there is no mkfifo(1), or no directory for temporary files. */
  static make(): NamedPipe | null {
    let directory: string | null = null;
    try {
      directory = mkdtempSync(join(tmpdir(), 'sqltrail-capture-'));
      // AppArmor's profile of tcpdump lets it write to names that end so alone.
      const path = join(directory, 'capture.pcap');
      execFileSync('mkfifo', ['-m', '600', path], { stdio: 'ignore' });
      // This end first: opening a pipe for writing waits for a reader.
      const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      return new NamedPipe(readEnd, openSync(path, constants.O_WRONLY));
    } catch {
      return null;
    } finally {
      // Open ends need no name.
      if (directory !== null) rmSync(directory, { recursive: true, force: true });
    }
  }

  /** Never waits. @returns Bytes read; 0 at the end; null while nothing is there. */
  read(buffer: Buffer): number | null {
    try {
      return readSync(this.readEnd, buffer, 0, buffer.length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null;
      throw error;
    }
  }

  close(): void {
    closeSync(this.readEnd);
  }
}
