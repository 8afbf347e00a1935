/**
 * What memory alone costs where connections take turns: a loop that reads and writes one number in each of the cache lines that a
 * statement of one connection touches, and does nothing else. Lines of a connection lie scattered, as objects of a heap do. Prints
 * one JSON object: µs a visit with 100 connections and with 10,000, and what the latter cost more.
 *
 *   node --import tsx bench/parts/cold-memory.ts [LINES]
 */
// Edge: flow, session 4, halves of that 4, boxed times 3, queue. Decode: state 4, time. What lies in rows, side by side, is not among them.
const LINES = Number(process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? 18);
const NUMBERS_A_LINE = 8;
const VISITS = 2_000_000;

function shuffled(count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  let seed = 1;
  for (let i = count - 1; i > 0; i--) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const j = seed % (i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

function microseconds(connections: number): number {
  const lines = new Float64Array(connections * LINES * NUMBERS_A_LINE);
  const order = shuffled(connections * LINES);
  const visit = (count: number) => {
    for (let i = 0, connection = 0; i < count; i++) {
      const from = connection * LINES;
      for (let line = from; line < from + LINES; line++) lines[order[line]! * NUMBERS_A_LINE]! += 1;
      if (++connection === connections) connection = 0;
    }
  };
  visit(connections * 2 + 100_000);
  const before = process.cpuUsage();
  visit(VISITS);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / VISITS;
}

const few = microseconds(100);
const many = microseconds(10_000);
process.stdout.write(`${JSON.stringify({ moreMicroseconds: many - few, few, many, lines: LINES })}\n`);
