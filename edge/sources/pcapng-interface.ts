import { PcapngClock } from './pcapng-clock.ts';

const TWO_32 = 4_294_967_296;
const OPTION_END = 0;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;
const ISB_IFDROP = 5;
const ISB_OSDROP = 7;

/** One interface of a pcapng section. */
export interface PcapngInterface {
  readonly linkType: number;
  /** Longest packet kept; 0: no limit. */
  readonly snapBytes: number;
  readonly clock: PcapngClock;
  /** isb_osdrop and isb_ifdrop as last reported; null before. */
  droppedByKernel: number | null;
  droppedByInterface: number | null;
}

/** Reads the interface description block at `start..next`, at least 20 bytes. Options cut short are ignored. */
export function readInterface(view: DataView, start: number, next: number, littleEndian: boolean): PcapngInterface {
  let resolution = 6;
  let offsetSeconds = 0;
  for (let at = start + 16; isOption(view, at, next, littleEndian); at = optionEnd(view, at, littleEndian)) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (code === IF_TSRESOL && length >= 1) resolution = view.getUint8(at + 4);
    if (code === IF_TSOFFSET && length >= 8) {
      const [high, low] = words(view, at + 4, littleEndian);
      offsetSeconds = (high | 0) * TWO_32 + low;
    }
  }
  return {
    linkType: view.getUint16(start + 8, littleEndian),
    snapBytes: view.getUint32(start + 12, littleEndian),
    clock: new PcapngClock(resolution, offsetSeconds),
    droppedByKernel: null,
    droppedByInterface: null,
  };
}

/** Takes over the drop counts of the interface statistics block at `start..next`, at least 24 bytes. Counts stop at 2^53 - 1. */
export function readStatistics(
  source: PcapngInterface,
  view: DataView,
  start: number,
  next: number,
  littleEndian: boolean,
): void {
  for (let at = start + 20; isOption(view, at, next, littleEndian); at = optionEnd(view, at, littleEndian)) {
    const code = view.getUint16(at, littleEndian);
    if (view.getUint16(at + 2, littleEndian) < 8 || (code !== ISB_IFDROP && code !== ISB_OSDROP)) continue;
    const [high, low] = words(view, at + 4, littleEndian);
    const count = Math.min(high * TWO_32 + low, Number.MAX_SAFE_INTEGER);
    if (code === ISB_OSDROP) source.droppedByKernel = count;
    else source.droppedByInterface = count;
  }
}

/** Options end where they say so, or where the block does: four bytes of length follow them. */
function isOption(view: DataView, at: number, next: number, littleEndian: boolean): boolean {
  return (
    at + 8 <= next && view.getUint16(at, littleEndian) !== OPTION_END && optionEnd(view, at, littleEndian) <= next - 4
  );
}

/** Values are padded to four bytes. */
function optionEnd(view: DataView, at: number, littleEndian: boolean): number {
  return at + 4 + ((view.getUint16(at + 2, littleEndian) + 3) & ~3);
}

/** 64-bit values are in the section's byte order, so which half comes first depends on it. */
function words(view: DataView, at: number, littleEndian: boolean): [high: number, low: number] {
  const first = view.getUint32(at, littleEndian);
  const second = view.getUint32(at + 4, littleEndian);
  return littleEndian ? [second, first] : [first, second];
}
