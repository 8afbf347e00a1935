import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectNode } from '../../cli/node-version.ts';

const { engines } = JSON.parse(readFileSync('package.json', 'utf8'));

describe('the version of Node.js', () => {
  it.each(['20.19.0', '20.20.2', '21.0.0', '24.1.0', '100.0.0'])('%s is new enough', (running) => {
    expect(() => expectNode(engines.node, running)).not.toThrow();
  });

  it.each(['0.10.48', '8.17.0', '18.20.8', '20.2.0', '20.18.3'])(
    '%s is too old, and what to install is said',
    (running) => {
      expect(() => expectNode(engines.node, running)).toThrow(
        expect.objectContaining({
          message: `Node.js ${running} is too old.`,
          cure: 'Install Node.js 20.19 or newer.',
          exitCode: 2,
        }),
      );
    },
  );
});
