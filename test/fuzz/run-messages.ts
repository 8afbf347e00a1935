/**
 * Mutated MySQL messages through framer, decode and mask, by the million:
 *
 *   npx tsx test/fuzz/run-messages.ts --runs 10000000 --seed 1
 *   npx tsx test/fuzz/run-messages.ts --seed 1 --case 4711        one case again
 */
import { parseArgs } from 'node:util';
import { longRun } from './long-run.ts';
import { MADE_CONVERSATIONS } from './made-conversations.ts';
import { MessageFuzzer } from './message-fuzzer.ts';
import { recordedConversations, seedCaptures } from './recorded-conversations.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: '1' },
    case: { type: 'string' },
  },
});
// Half of the cases from the conversations that cover every command, whatever the number of recorded ones.
const recorded = seedCaptures().flatMap(recordedConversations);
const times = Math.max(1, Math.ceil(recorded.length / MADE_CONVERSATIONS.length));
const seeds = [...recorded, ...Array.from({ length: times }, () => MADE_CONVERSATIONS).flat()];
const fuzzer = new MessageFuzzer(seeds, Number(values.seed));
if (values.case !== undefined) fuzzer.run(Number(values.case));
else
  await longRun(import.meta.filename, Number(values.runs), () => ({
    step(number) {
      const before = fuzzer.mutated;
      fuzzer.run(number);
      return fuzzer.mutated - before;
    },
    describe: () =>
      `seed ${values.seed}: ${fuzzer.mutated} mutated of ${fuzzer.messages} messages in ${fuzzer.cases} cases, ${fuzzer.outputs} outputs`,
  }));
