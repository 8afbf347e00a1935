import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { capLinkType } from './cap-link-types.ts';
import { CAP_MODULE_MISSING, CAP_OPEN_FAILED, type CapRequest } from './cap-protocol.ts';
import { PacketBatch } from './packet-batch.ts';

// The program of the child process in which `cap` runs: it writes a pcap on file descriptor 3 until SIGINT, or until its parent is gone.
// `cap` aborts the process outside a main thread, and stalls the event loop for seconds under load.

const OUTPUT_DESCRIPTOR = 3;
/** `cap` takes one slot of 64 KiB in the kernel's ring per packet: 256 MiB hold some 4,000. */
const RING_BYTES = 268_435_456;
const BATCH_BYTES = 65_536;
const FLUSH_MS = 5;
/** After SIGINT: long enough for one more look at the ring. */
const LAST_LOOK_MS = 50;
/** A wall clock further off than this was set, not slewed. */
const CLOCK_STEP_US = 100_000;

interface CapHandle {
  open(device: string, filter: string, ringBytes: number, buffer: Buffer): string;
  close(): void;
  on(event: 'packet', listener: (packetBytes: number, isTruncated: boolean) => void): void;
}

/** Everything that must live as long as the capture: `cap` keeps only a raw pointer to the buffer. */
class Capture {
  readonly buffer = Buffer.allocUnsafeSlow(65_535);
  readonly batch = new PacketBatch(BATCH_BYTES);
  handle: CapHandle | null = null;
  #anchorUs = 0;
  #flushDueMs = 0;

  constructor() {
    this.#setClock();
  }

  /** To be called once in a process: a handle whose `open` failed crashes it when garbage is collected. */
  open(Cap: new () => CapHandle, request: CapRequest): void {
    const handle = new Cap();
    let linkName: string;
    try {
      linkName = handle.open(request.interfaceName, request.filter, RING_BYTES, this.buffer);
    } catch (error) {
      fail(CAP_OPEN_FAILED, reasonOf(error));
    }
    const linkType = capLinkType(linkName);
    if (linkType === null) fail(CAP_OPEN_FAILED, `cap does not say which link type this is (${linkName})`);
    this.handle = handle;
    this.batch.addHeader(linkType);
    this.flush();
    handle.on('packet', (packetBytes) => this.#add(packetBytes));
  }

  /**
   * Blocks while the pipe is full: then packets wait in the kernel's ring, which bounds them. A queue here would not help,
   * as `cap` gives the event loop no turn to write while packets keep coming.
   */
  flush(): void {
    const { batch } = this;
    try {
      for (let at = 0; at < batch.length; ) at += writeSync(OUTPUT_DESCRIPTOR, batch.bytes, at, batch.length - at);
    } catch {
      process.exit(0); // The parent is gone.
    }
    batch.clear();
  }

  tick(): void {
    if (this.batch.length > 0) this.flush();
    if (Math.abs(Date.now() * 1000 - this.#nowUs()) > CLOCK_STEP_US) this.#setClock();
  }

  #add(packetBytes: number): void {
    const { batch } = this;
    const nowMs = performance.now();
    if (batch.length === 0) this.#flushDueMs = nowMs + FLUSH_MS;
    batch.add(this.buffer, packetBytes, this.#anchorUs + nowMs * 1000);
    // Timers get no turn under load, so lateness is looked at here too.
    if (batch.isFull || nowMs >= this.#flushDueMs) this.flush();
  }

  #nowUs(): number {
    return this.#anchorUs + performance.now() * 1000;
  }

  #setClock(): void {
    this.#anchorUs = Date.now() * 1000 - performance.now() * 1000;
  }
}

function fail(kind: string, reason: string): never {
  // What follows the first line is Node's list of requiring files.
  writeSync(2, `${kind}${reason.split('\n', 1)[0]}\n`);
  process.exit(1);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function loadCap(): new () => CapHandle {
  try {
    return (createRequire(import.meta.url)('cap') as { Cap: new () => CapHandle }).Cap;
  } catch (error) {
    return fail(CAP_MODULE_MISSING, reasonOf(error));
  }
}

const capture = new Capture();
process.on('SIGINT', () => {
  setTimeout(() => {
    capture.handle?.close();
    capture.flush();
    process.exit(0);
  }, LAST_LOOK_MS);
});
// Its end means that the parent died without stopping this process.
process.stdin
  .on('close', () => process.exit(0))
  .on('error', () => process.exit(0))
  .resume();
capture.open(loadCap(), JSON.parse(process.argv[2] ?? '') as CapRequest);
setInterval(() => capture.tick(), FLUSH_MS);
