import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { eachLine } from '../../schemas/each-line.ts';
import { parsedJson } from '../../schemas/parsed-json.ts';
import type { AlertState } from './alert-state.ts';

/** Bytes appended after which the file is written anew, where what counts is less than half of it. */
const COMPACT_BYTES = 8 * 1024 * 1024;

const cycleSchema = z.object({
  position: z.number().int().nonnegative(),
  head: z.string(),
  texts: z.record(z.string(), z.string().nullable()),
});

/**
 * The state of stage `alert` where there is no Kafka: a file of JSON lines, one for each cycle, synced to disk before anything is
 * sent. A line that a crash tore is as if it had not been written.
 */
export class AlertStateFile implements AlertState {
  private readonly path: string;
  private readonly texts = new Map<string, string>();
  private file: FileHandle | null = null;
  private appendedBytes = 0;

  constructor(path: string) {
    this.path = path;
  }

  async restore(): ReturnType<AlertState['restore']> {
    let position: number | null = null;
    let head = '';
    eachLine(await readIfThere(this.path), (line) => {
      const parsed = cycleSchema.safeParse(parsedJson(line));
      if (!parsed.success) return;
      ({ position, head } = parsed.data);
      this.apply(Object.entries(parsed.data.texts));
    });
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    await this.rewrite(position ?? 0, head);
    return { epoch: 0, position, head, texts: new Map(this.texts), blobs: new Map(), unreadable: [] };
  }

  async write({ position, head, texts: written, deleted }: Parameters<AlertState['write']>[0]): Promise<void> {
    const texts = new Map(written);
    for (const key of deleted) if (!texts.has(key)) texts.set(key, null);
    this.apply(texts);
    if (this.appendedBytes > COMPACT_BYTES && this.appendedBytes > 2 * this.imageBytes()) {
      await this.rewrite(position, head);
      return;
    }
    const line = Buffer.from(lineOf(position, head, texts));
    await this.file?.appendFile(line);
    await this.file?.datasync();
    this.appendedBytes += line.length;
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = null;
  }

  private apply(texts: Iterable<readonly [string, string | null]>): void {
    for (const [key, text] of texts) {
      if (text === null) this.texts.delete(key);
      else this.texts.set(key, text);
    }
  }

  /** All of it or nothing: under another name first. */
  private async rewrite(position: number, head: string): Promise<void> {
    await this.close();
    const next = `${this.path}.next`;
    const file = await open(next, 'w', 0o600);
    await file.writeFile(lineOf(position, head, this.texts));
    await file.datasync();
    await rename(next, this.path);
    this.file = file;
    this.appendedBytes = 0;
  }

  private imageBytes(): number {
    let bytes = 0;
    for (const [key, text] of this.texts) bytes += key.length + text.length;
    return bytes;
  }
}

function lineOf(position: number, head: string, texts: Iterable<readonly [string, string | null]>): string {
  return `${JSON.stringify({ position, head, texts: Object.fromEntries(texts) })}\n`;
}

async function readIfThere(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
