import { mutateMessages } from './mutate-messages.ts';
import { Random } from './random.ts';
import type { SeedConversation, SeedMessage } from './seed-conversation.ts';

/** Bytes of one side, or bytes of it that are lost. */
export interface Step {
  fromClient: boolean;
  bytes: Buffer;
  /** Bytes lost in front of `bytes`. */
  lostBytes: number;
}

export interface MessageCase {
  readonly sawSyn: boolean;
  readonly steps: Step[];
  /** Messages that differ from their seed's. */
  readonly mutated: number;
  /** None of these may be shipped; they are left out where a mutation made their side, or whom it answers, say something else. */
  readonly secrets: readonly Buffer[];
}

/** Messages of a case at most, its login aside. */
const CASE_MESSAGES = 12;

/** Case `number` of a run: a piece of a seed conversation, mutated. */
export function makeMessageCase(seeds: readonly SeedConversation[], seed: number, number: number): MessageCase {
  const random = new Random(seed, number);
  const conversation = random.pick(seeds);
  const steps = pieceOf(conversation, random).map(({ fromClient, bytes }) => ({ fromClient, bytes, lostBytes: 0 }));
  const { mutated, isClientHonest, isServerHonest } = mutateMessages(steps, seeds, random);
  const secrets = [
    ...(isClientHonest ? conversation.clientSecrets : []),
    ...(isClientHonest && isServerHonest ? conversation.serverSecrets : []),
  ];
  return { sawSyn: conversation.sawSyn, steps, mutated, secrets };
}

/** The login, then messages in a row from anywhere. */
function pieceOf({ messages, loginMessages }: SeedConversation, random: Random): SeedMessage[] {
  const rest = messages.length - loginMessages;
  const start = loginMessages + random.below(Math.max(1, rest - CASE_MESSAGES + 1));
  return [...messages.slice(0, loginMessages), ...messages.slice(start, start + CASE_MESSAGES)];
}
