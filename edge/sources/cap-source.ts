import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bpfFilter } from './bpf-filter.ts';
import { capError } from './cap-error.ts';
import type { CapRequest } from './cap-protocol.ts';
import { type CaptureProcessEnd, runCaptureProcess } from './capture-process.ts';
import { CaptureReader } from './capture-reader.ts';
import type { LiveOptions } from './live-options.ts';
import { LiveSource } from './live-source.ts';
import type { PacketHandler } from './packet-source.ts';

/**
 * Live capture by the `cap` module in a child process of its own. Packets are cut at 65,535 bytes and their length on the wire is
 * not known (IP's own length tells); times are taken when the packet is read, seconds late under heavy load; drops are not counted.
 */
export class CapSource extends LiveSource {
  constructor(options: LiveOptions) {
    super(options, 'cap');
  }

  protected failure(end: CaptureProcessEnd): unknown {
    return capError(this.options.interfaceName, end);
  }

  protected capture(
    link: 'ethernet' | 'other',
    onPacket: PacketHandler,
    afterChunk: () => Promise<void> | void,
    signal: AbortSignal,
  ): Promise<CaptureProcessEnd> {
    const { interfaceName, ports, isMirrored = false, onListening } = this.options;
    const request: CapRequest = { interfaceName, filter: bpfFilter(ports, link, isMirrored) };
    const reader = new CaptureReader(this.name, onPacket);
    this.reader = reader;
    return runCaptureProcess(
      {
        command: process.execPath,
        args: [...childProgram(), JSON.stringify(request)],
        outputDescriptor: 3,
        // The child itself takes a last look at the ring.
        drainMs: 0,
        lastTimeUs: () => 0,
        onListening,
      },
      reader,
      afterChunk,
      signal,
    );
  }
}

/** The compiled child beside this file, or its source by way of tsx where this file is source too. */
function childProgram(): string[] {
  const isSource = import.meta.url.endsWith('.ts');
  const program = fileURLToPath(new URL(isSource ? 'cap-child.ts' : 'cap-child.js', import.meta.url));
  if (!isSource) return [program];
  return ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href, program];
}
