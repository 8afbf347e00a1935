import type { CaptureProcessEnd } from './capture-process.ts';
import type { CaptureReader } from './capture-reader.ts';
import type { LiveOptions } from './live-options.ts';
import type { PacketHandler, PacketSource, SourceCounters } from './packet-source.ts';

/** What live captures by a child process have in common. */
export abstract class LiveSource implements PacketSource {
  readonly name: string;
  protected readonly options: LiveOptions;
  /** Of the child that captures. */
  protected reader: CaptureReader | null = null;

  /** @param program Named beside the interface. */
  protected constructor(options: LiveOptions, program: string) {
    this.options = options;
    this.name = `${options.interfaceName} (${program})`;
  }

  async run(onPacket: PacketHandler, afterChunk: () => Promise<void> | void, signal: AbortSignal): Promise<void> {
    let end = await this.capture('ethernet', onPacket, afterChunk, signal);
    // Known only by trying: the link type depends on the interface.
    if (end.isUnexpected && end.stderr.includes('no VLAN support')) {
      end = await this.capture('other', onPacket, afterChunk, signal);
    }
    if (end.isUnexpected) throw this.failure(end);
  }

  pause(): void {
    this.reader?.pause();
  }

  counters(): SourceCounters {
    const { reader } = this;
    return {
      packets: reader?.packets ?? 0,
      bytes: reader?.bytes ?? 0,
      readBytes: reader?.readBytes ?? 0,
      sizeBytes: null,
      droppedByKernel: null,
      droppedByInterface: null,
      truncated: false,
    };
  }

  /** Captures until the signal aborts or the child ends. */
  protected abstract capture(
    link: 'ethernet' | 'other',
    onPacket: PacketHandler,
    afterChunk: () => Promise<void> | void,
    signal: AbortSignal,
  ): Promise<CaptureProcessEnd>;

  /** Why the child ended before its time. */
  protected abstract failure(end: CaptureProcessEnd): unknown;
}
