import { SqltrailError } from '../runtime/errors.ts';

/**
 * Says that the Node.js that runs is too old, before a module that needs a newer one fails with a stack.
 *
 * @param needed `engines.node` of package.json, as `>=20.19`.
 * @param running Its version, as `20.19.0`.
 * @throws SqltrailError `usage`.
 */
export function expectNode(needed: string, running: string): void {
  const [major = 0, minor = 0] = numbersOf(needed);
  const [runningMajor = 0, runningMinor = 0] = numbersOf(running);
  if (runningMajor > major || (runningMajor === major && runningMinor >= minor)) return;
  throw new SqltrailError('usage', `Node.js ${running} is too old.`, `Install Node.js ${major}.${minor} or newer.`);
}

function numbersOf(version: string): number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}
