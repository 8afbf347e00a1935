import { SqltrailError } from '../../runtime/errors.ts';

/** The stages between which there can be topics, in order. */
const CHAIN = ['decode', 'identify', 'mask', 'detect', 'store', 'alert'];

/**
 * The runs of stages from `--stages`, each given as `decode,mask`.
 * @throws SqltrailError `usage` for a stage that does not exist, or stages out of order.
 */
export function parseGroupings(texts: readonly string[]): string[][] {
  return texts.map((text) => {
    const stages = text.split(',').map((stage) => stage.trim());
    const places = stages.map((stage) => CHAIN.indexOf(stage));
    const isInOrder = places.every((place, i) => place >= 0 && (i === 0 || place > places[i - 1]!));
    if (isInOrder) return stages;
    throw new SqltrailError(
      'usage',
      '--stages names no run of stages.',
      `Write it as for sqltrail process: some of ${CHAIN.join(',')}, in this order, separated by commas.`,
    );
  });
}
