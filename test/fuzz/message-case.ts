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

/** Messages of one conversation in a case at most, its login aside, and of how many conversations they are. */
const PIECE_MESSAGES = 12;
const PIECES = 4;

/** Case `number` of a run: a piece of a seed conversation, pieces of others behind it, all mutated. */
export function makeMessageCase(seeds: readonly SeedConversation[], seed: number, number: number): MessageCase {
  const random = new Random(seed, number);
  const conversation = random.pick(seeds);
  const pieces = [conversation.messages.slice(0, conversation.loginMessages), pieceOf(conversation, random)];
  // What another client says has other secrets.
  const others = random.below(PIECES);
  for (let i = 0; i < others; i++) pieces.push(pieceOf(random.pick(seeds), random));
  const steps = pieces.flat().map(({ fromClient, bytes }) => ({ fromClient, bytes, lostBytes: 0 }));
  const { mutated, isClientHonest, isServerHonest } = mutateMessages(steps, seeds, random);
  const secrets = [
    ...(isClientHonest && others === 0 ? conversation.clientSecrets : []),
    ...(isClientHonest && isServerHonest && others === 0 ? conversation.serverSecrets : []),
  ];
  return { sawSyn: conversation.sawSyn, steps, mutated, secrets };
}

/** Messages in a row from anywhere behind the login. */
function pieceOf({ messages, loginMessages }: SeedConversation, random: Random): SeedMessage[] {
  const rest = messages.length - loginMessages;
  const start = loginMessages + random.below(Math.max(1, rest - PIECE_MESSAGES + 1));
  return messages.slice(start, start + PIECE_MESSAGES);
}
