/**
 * Mutated captures through source, TCP, framer, decode and mask, by the million:
 *
 *   npx tsx test/fuzz/run-captures.ts --runs 1000000 --seed 1
 *   npx tsx test/fuzz/run-captures.ts --seed 1 --case 4711        one case again
 */
import { parseArgs } from 'node:util';
import { CaptureFuzzer } from './capture-fuzzer.ts';
import { readSeedCapture } from './capture-seeds.ts';
import { longRun } from './long-run.ts';
import { seedCaptures } from './recorded-conversations.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    case: { type: 'string' },
  },
});
const fuzzer = new CaptureFuzzer(seedCaptures().flatMap(readSeedCapture), Number(values.seed));
if (values.case !== undefined) fuzzer.run(Number(values.case));
else
  await longRun(import.meta.filename, Number(values.runs), () => ({
    step(number) {
      fuzzer.run(number);
      return 1;
    },
    describe: () =>
      `seed ${values.seed}: ${fuzzer.cases} captures, ${Math.round(fuzzer.bytes / 1e6)} MB, ${fuzzer.outputs} outputs`,
  }));
