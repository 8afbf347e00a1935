import { compressedFrame, zstdFrame } from './compressed-frame.ts';
import type { Step } from './message-case.ts';
import type { Random } from './random.ts';
import type { SeedConversation } from './seed-conversation.ts';

interface Mutations {
  /** Steps that differ from what they were, came new or went away. */
  mutated: number;
  /** That side's bytes are still the same messages, or are missing and told to be. */
  isClientHonest: boolean;
  isServerHonest: boolean;
}

const TELLING_BYTES = [0x00, 0x01, 0x02, 0x03, 0x11, 0x16, 0x17, 0x7f, 0x80, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff];
const TELLING_LENGTHS = [0, 1, 4, 5, 0xffff, 0xff_fffe, 0xff_ffff];
const HUGE_GAPS = [1, 3, 4, 100, 70_000, 0xff_ffff, 2 ** 31, 2 ** 32 + 5];

/** Changes steps in place: one of them, some, or nearly all. */
export function mutateMessages(steps: Step[], seeds: readonly SeedConversation[], random: Random): Mutations {
  const result: Mutations = { mutated: 0, isClientHonest: true, isServerHonest: true };
  const share = random.pick([1, 3, steps.length, steps.length, 2 * steps.length]);
  const count = 1 + random.below(Math.max(1, share));
  for (let i = 0; i < count && steps.length > 0; i++) {
    mutateOne(steps, random.below(steps.length), seeds, random, result);
    result.mutated++;
  }
  if (random.oneIn(12)) compressFrom(steps, random.below(steps.length), random, result);
  if (random.oneIn(4)) resegment(steps, random);
  return result;
}

function mutateOne(
  steps: Step[],
  at: number,
  seeds: readonly SeedConversation[],
  random: Random,
  result: Mutations,
): void {
  const step = steps[at]!;
  const kind = random.below(15);
  const isToldLoss = kind === 12;
  const isMixed = kind === 4 || (kind >= 7 && kind <= 11);
  if (isMixed || (step.fromClient && !isToldLoss)) result.isClientHonest = false;
  if (isMixed || (!step.fromClient && !isToldLoss)) result.isServerHonest = false;
  switch (kind) {
    case 0:
    case 1:
      step.bytes = flipped(step.bytes, random);
      break;
    case 2:
      step.bytes = overwritten(step.bytes, random);
      break;
    case 3:
      step.bytes = step.bytes.subarray(0, random.below(step.bytes.length));
      break;
    case 4:
      step.bytes = spliced(step.bytes, random.pick(random.pick(seeds).messages).bytes, random);
      break;
    case 5:
      step.bytes = withHeader(step.bytes, random, (bytes, header) => {
        const length = bytes.readUIntLE(header, 3);
        const lie = random.oneIn(2) ? random.pick(TELLING_LENGTHS) : (length + random.below(9) - 4) & 0xff_ffff;
        bytes.writeUIntLE(lie, header, 3);
      });
      break;
    case 6:
      step.bytes = withHeader(step.bytes, random, (bytes, header) => {
        bytes[header + 3] = random.oneIn(2) ? random.below(4) : random.u32();
      });
      break;
    case 7:
      steps.splice(at, 0, { ...random.pick(random.pick(seeds).messages), lostBytes: 0 });
      break;
    case 8:
      steps.splice(at, 0, { fromClient: random.oneIn(2), bytes: framed(random), lostBytes: 0 });
      break;
    case 9:
      step.fromClient = !step.fromClient;
      break;
    case 10:
      step.lostBytes = random.pick(HUGE_GAPS);
      break;
    case 11:
      steps.splice(at, 0, { ...step });
      break;
    case 12:
      lose(steps, at, random);
      break;
    case 13:
      steps.splice(at, 1);
      break;
    default:
      exchange(steps, at);
  }
}

function flipped(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  for (let i = random.below(4); i >= 0 && copy.length > 0; i--)
    copy[random.below(copy.length)]! ^= 1 << random.below(8);
  return copy;
}

function overwritten(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[random.below(copy.length)] = random.pick(TELLING_BYTES);
  return copy;
}

function spliced(bytes: Buffer, other: Buffer, random: Random): Buffer {
  return Buffer.concat([
    bytes.subarray(0, random.below(bytes.length + 1)),
    other.subarray(random.below(other.length + 1)),
  ]);
}

/** Changes the header of one of the packets in `bytes`. */
function withHeader(bytes: Buffer, random: Random, change: (copy: Buffer, header: number) => void): Buffer {
  const headers: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4 + bytes.readUIntLE(at, 3)) headers.push(at);
  if (headers.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  change(copy, random.pick(headers));
  return copy;
}

/** A packet of random bytes behind a right header. */
function framed(random: Random): Buffer {
  const payload = random.bytes(random.below(60));
  const header = Buffer.from([payload.length, 0, 0, random.below(3)]);
  if (payload.length > 0 && random.oneIn(2)) payload[0] = random.pick(TELLING_BYTES);
  return Buffer.concat([header, payload]);
}

/** Loses bytes in the middle of a step, as many as are told. */
function lose(steps: Step[], at: number, random: Random): void {
  const { fromClient, bytes, lostBytes } = steps[at]!;
  const start = random.below(bytes.length);
  const end = start + 1 + random.below(bytes.length - start);
  const before = { fromClient, bytes: bytes.subarray(0, start), lostBytes };
  steps.splice(at, 1, before, {
    fromClient,
    bytes: bytes.subarray(end),
    lostBytes: Math.max(1, Math.min(end, bytes.length) - start),
  });
}

function exchange(steps: Step[], at: number): void {
  const next = steps[at + 1];
  if (next === undefined || next.fromClient === steps[at]!.fromClient) return;
  steps[at + 1] = steps[at]!;
  steps[at] = next;
}

/** From some message on both sides speak in compressed frames, some of them damaged. */
function compressFrom(steps: Step[], from: number, random: Random, result: Mutations): void {
  result.isClientHonest = result.isServerHonest = false;
  for (let i = from; i < steps.length; i++) {
    const step = steps[i]!;
    const frame =
      step.bytes.length < 256 && random.oneIn(3)
        ? zstdFrame(i - from, step.bytes)
        : compressedFrame(i - from, step.bytes, random.oneIn(3));
    if (random.oneIn(6)) frame[random.below(Math.min(12, frame.length))] = random.u32();
    step.bytes = random.oneIn(10) ? flipped(frame, random) : frame;
    result.mutated++;
  }
}

/** Cuts steps into pieces and joins neighbours, as TCP does. */
function resegment(steps: Step[], random: Random): void {
  for (let i = steps.length - 1; i >= 0; i--) {
    const { fromClient, bytes, lostBytes } = steps[i]!;
    const next = steps[i + 1];
    if (random.oneIn(3) && next !== undefined && next.fromClient === fromClient && next.lostBytes === 0)
      steps.splice(i, 2, { fromClient, bytes: Buffer.concat([bytes, next.bytes]), lostBytes });
    else if (random.oneIn(2) && bytes.length > 1) {
      const cut = 1 + random.below(bytes.length - 1);
      const tail = { fromClient, bytes: bytes.subarray(cut), lostBytes: 0 };
      steps.splice(i, 1, { fromClient, bytes: bytes.subarray(0, cut), lostBytes }, tail);
    }
  }
}
