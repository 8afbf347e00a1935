import { z } from 'zod';
import { type EdgeRun, MAX_EDGES } from './connection-table.ts';

/** As in a batch: at most 255 bytes. */
const MAX_ID = 255;

const time = z.number().nonnegative();
const id = z.string().max(MAX_ID);
const schema = z.object({
  version: z.literal(1),
  /** Id, run, latest capture time, last look for idle connections; hours it was not heard, and by which edge. */
  edges: z.array(z.tuple([id, time, time, time, time, id])).max(MAX_EDGES),
});

/** What is known of the edges as JSON. */
export function writeEdges(edges: ReadonlyMap<string, EdgeRun>): string {
  const list = [...edges].map(([id, { runUs, nowUs, sweptUs, silentHours, heardBy }]) => [
    id,
    runUs,
    nowUs,
    sweptUs,
    silentHours,
    heardBy,
  ]);
  return JSON.stringify({ version: 1, edges: list });
}

/** @returns false, and `edges` as they were, when the text, which anybody may have written, is something else. */
export function readEdges(text: string, edges: Map<string, EdgeRun>): boolean {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return false;
  }
  const read = schema.safeParse(json);
  if (!read.success) return false;
  for (const [id, runUs, nowUs, sweptUs, silentHours, heardBy] of read.data.edges)
    edges.set(id, { runUs, nowUs, sweptUs, silentHours, heardBy });
  return true;
}
