import { isDeepStrictEqual } from 'node:util';
import type { AuditRow } from '../../schemas/audit-schema.ts';
import { Loss } from '../../schemas/loss.ts';
import { checkOutputs, checkSecrets, checkSequences, Decoder } from './invariants.ts';
import { Lane } from './lane.ts';
import { type MessageCase, makeMessageCase, type Step } from './message-case.ts';
import type { SeedConversation } from './seed-conversation.ts';
import { splitBatch } from './split-batch.ts';

/** A step can end everything that is pending, once, and add a few messages of its own. */
const MESSAGES_PER_BYTE = 2;
const FREE_MESSAGES = 20;
/** Every so many cases are decoded a second time, message by message. */
const SPLIT_EACH = 8;

/** Runs mutated messages through framer, decode and mask and holds every promise against what comes out. */
export class MessageFuzzer {
  cases = 0;
  /** Messages that differ from their seed's. */
  mutated = 0;
  /** All messages that were run. */
  messages = 0;
  /** Events and losses that came out. */
  outputs = 0;
  private readonly seeds: readonly SeedConversation[];
  private readonly seed: number;
  private readonly lanes: readonly [Lane, Lane] = [new Lane(0x00), new Lane(0xa7)];
  private readonly decoders: readonly [Decoder, Decoder] = [new Decoder(), new Decoder()];

  constructor(seeds: readonly SeedConversation[], seed: number) {
    this.seeds = seeds;
    this.seed = seed;
  }

  /** Runs case `number`. @throws Error that names the seed and the case, with the smallest steps that still fail, as hex. */
  run(number: number): void {
    const one = makeMessageCase(this.seeds, this.seed, number);
    this.cases++;
    this.mutated += one.mutated;
    this.messages += one.steps.length;
    try {
      this.check(one, number);
    } catch (error) {
      const steps = smallest(one, (shorter) => failsAlone(shorter, number));
      const text = `${describe(steps)}\nmade smaller from:\n${describe(one.steps)}`;
      throw new Error(`seed ${this.seed}, case ${number}, sawSyn ${one.sawSyn}:\n${text}`, { cause: error });
    }
  }

  private check(one: MessageCase, number: number): void {
    this.outputs += checkCase(one, number, this.lanes, this.decoders);
  }
}

/** Checks a case on lanes and decoders that hold no open connection. @returns the number of outputs. */
function checkCase(
  one: MessageCase,
  number: number,
  lanes: readonly [Lane, Lane],
  decoders: readonly [Decoder, Decoder],
): number {
  const before = lanes[0].messages;
  for (const lane of lanes) lane.run(one.steps, one.sawSyn, number);
  const [batches, others] = [lanes[0].take(), lanes[1].take()];
  const bytes = one.steps.reduce((sum, step) => sum + step.bytes.length + 1, 0);
  const shipped = lanes[0].messages - before;
  if (shipped > FREE_MESSAGES + bytes * MESSAGES_PER_BYTE) throw new Error(`${shipped} messages from ${bytes} bytes`);
  if (batches.length !== others.length || !batches.every((batch, i) => batch.equals(others[i]!)))
    throw new Error('the batches depend on bytes outside the input, or on input after its call');
  checkSequences(batches);
  checkSecrets(batches, one.secrets);
  const outputs = decoders[0].run(batches);
  checkOutputs(outputs);
  if (number % SPLIT_EACH === 0) {
    const split = decoders[1].run(batches.flatMap((batch) => splitBatch(batch, 0xa7)));
    if (!isDeepStrictEqual(outputs.map(ofItsBytes), split.map(ofItsBytes)))
      throw new Error('the events depend on bytes outside their messages');
  }
  return outputs.length;
}

/** Without what depends on the statements that were masked before: one text for each digest, and the parser's budget. */
function ofItsBytes(output: AuditRow | Loss): unknown {
  if (output instanceof Loss) return output;
  const { statement_masked: _, statement_kind: __, tables: ___, ...row } = output;
  return row;
}

function failsAlone(one: MessageCase, number: number): boolean {
  try {
    checkCase(one, number, [new Lane(0x00), new Lane(0xa7)], [new Decoder(), new Decoder()]);
    return false;
  } catch {
    return true;
  }
}

/** Leaves out steps as long as the case still fails. */
function smallest(one: MessageCase, fails: (shorter: MessageCase) => boolean): readonly Step[] {
  let { steps } = one;
  for (let i = 0; i < steps.length; ) {
    const shorter = steps.toSpliced(i, 1);
    if (fails({ ...one, steps: shorter })) steps = shorter;
    else i++;
  }
  return steps;
}

function describe(steps: readonly Step[]): string {
  return steps
    .map(({ fromClient, bytes, lostBytes }) => {
      const lost = lostBytes > 0 ? `(${lostBytes} bytes lost) ` : '';
      return `${fromClient ? 'client' : 'server'} ${lost}${bytes.toString('hex')}`;
    })
    .join('\n');
}
