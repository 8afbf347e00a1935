import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../../../cli/config/default-config.ts';
import { loadDetection } from '../../../cli/detection/load-detection.ts';
import { reloadOnHangup } from '../../../cli/detection/reload-on-hangup.ts';
import { Detect } from '../../../processors/detect/detect.ts';

const folder = mkdtempSync(join(tmpdir(), 'rules-'));
const FILE = join(folder, 'shop.any.yml');
const RULE = `title: Any statement
id: shop.any
status: test
level: low
description: What it is.
logsource: {category: database, product: mysql}
signal: statement
detection: {a: {command: query}, condition: a}
samples: {matching: [SELECT 1], not_matching: [{command: ping}]}
`;
const config = {
  ...structuredClone(DEFAULT_CONFIG),
  rules: { folders: [folder], disable: ['sqli.tautology'], override: [] },
};
let end = () => {};
afterEach(() => {
  end();
  rmSync(folder, { recursive: true, force: true });
});

describe('SIGHUP', () => {
  it('reads the rules again, and keeps those before where one is bad', async () => {
    const { rules, suppressions } = await loadDetection(config);
    const detect = new Detect(rules, suppressions);
    expect(detect.rules.rule('shop.any')).toBeUndefined();
    expect(detect.rules.rule('sqli.tautology')).toBeUndefined();
    const told: string[] = [];
    const hangup = () =>
      new Promise<void>((resolve) => {
        end();
        end = reloadOnHangup(detect, config, {
          done: (count) => resolve(void told.push(`${count - rules.rules.length} more`)),
          failed: (error) => resolve(void told.push(error.message)),
        });
        process.emit('SIGHUP');
      });
    writeFileSync(FILE, RULE);
    await hangup();
    expect(detect.rules.rule('shop.any')?.level).toBe('low');
    writeFileSync(FILE, RULE.replace('level: low', 'level: terrible'));
    await hangup();
    expect(detect.rules.rule('shop.any')?.level).toBe('low');
    writeFileSync(FILE, RULE.replace('level: low', 'level: high'));
    await hangup();
    expect(detect.rules.rule('shop.any')?.level).toBe('high');
    expect(told).toEqual([
      '1 more',
      `${FILE}, line 4: level must be one of: info, low, medium, high, critical.`,
      '1 more',
    ]);
  });
});
