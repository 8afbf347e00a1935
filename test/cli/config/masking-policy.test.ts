import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkedConfig } from '../../../cli/config/checked-config.ts';
import { loadConfig } from '../../../cli/config/load-config.ts';
import { maskingPolicy } from '../../../cli/config/masking-policy.ts';
import { TokenMaker } from '../../../processors/mask/policy-token.ts';

const directory = mkdtempSync(join(tmpdir(), 'sqltrail-masking-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let files = 0;
function file(contents: string | Buffer, mode = 0o600): string {
  const path = join(directory, `${files++}`);
  writeFileSync(path, contents);
  chmodSync(path, mode);
  return path;
}

const SECRET = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7));
const withKey = (path: string) =>
  file(`masking: {tokens: {columns: ["*.email"], keys: [{id: h1, file: ${JSON.stringify(path)}}]}}\n`);
const none = () => {
  throw new Error('warned');
};

describe('the masking policy of a configuration', () => {
  it('is none where nothing is asked for', () => {
    expect(maskingPolicy(loadConfig(undefined, {}), none)).toBeNull();
    expect(maskingPolicy(loadConfig(file('masking: {keep: [], drop: []}\n'), {}), none)).toBeNull();
  });

  it('keeps and drops what it says', () => {
    const path = file('masking:\n  keep: [limits]\n  drop:\n    - {user: monitor, database: sys}\n');
    const policy = maskingPolicy(loadConfig(path, {}), none)!;
    expect([policy.keepsLimits, policy.keepsNumbers, policy.tokens]).toEqual([true, false, null]);
    expect(checkedConfig(path, {}).text).toContain('drop: [{"user":"monitor","database":"sys"}]');
  });

  it.each([
    ['hex', SECRET.toString('hex')],
    ['hex in capitals with a newline', `${SECRET.toString('hex').toUpperCase()}\n`],
    ['base64', `${SECRET.toString('base64')}\n`],
    ['base64 for addresses', SECRET.toString('base64url')],
    ['plain bytes', SECRET],
  ])('reads a key in %s', (_, contents) => {
    const config = loadConfig(withKey(file(contents)), {});
    const expected = new TokenMaker([{ id: 'h1', secret: SECRET }]).tokenOf('a');
    expect(maskingPolicy(config, none)?.tokens?.tokenOf('a')).toBe(expected);
  });

  it.each([
    ['is empty', ''],
    ['holds 31 bytes', SECRET.subarray(0, 31)],
    ['holds 31 bytes in hex', SECRET.toString('hex', 0, 31)],
    ['holds 31 bytes in base64', SECRET.toString('base64', 0, 31)],
  ])('refuses a key file that %s, without a byte of it', (_, contents) => {
    const path = file(contents);
    const config = loadConfig(withKey(path), {});
    expect(() => maskingPolicy(config, none)).toThrow(
      `The file of masking.tokens.keys[0].file, ${path}, holds less than 32 bytes of key.`,
    );
  });

  it('names a key file that is not there, also where the configuration is only checked', () => {
    const path = withKey(join(directory, 'nowhere'));
    expect(() => maskingPolicy(loadConfig(path, {}), none)).toThrow(
      /masking\.tokens\.keys\[0\]\.file, .*nowhere does not/,
    );
    expect(() => checkedConfig(path, {})).toThrow('masking.tokens.keys[0].file');
  });

  it('warns of a key that everyone may read', () => {
    const path = withKey(file(SECRET, 0o644));
    expect(checkedConfig(path, {}).warnings).toEqual([expect.stringContaining('may read the key in')]);
  });

  it.each([
    ['masking: {kep: [limits]}', 'masking.kep is not known; did you mean masking.keep?'],
    ['masking: {keep: [strings]}', 'masking.keep[0] must be one of: limits, numbers, constants'],
    ['masking: {tokens: {columns: [email]}}', 'masking.tokens.columns[0] must be table.column or *.column'],
    ['masking: {tokens: {columns: ["*.email"]}}', 'masking.tokens.keys is empty: without a key'],
    ['masking: {tokens: {keys: [{id: H1, file: /k}]}}', 'masking.tokens.keys[0].id must be a letter and'],
    ['masking:\n  drop:\n    - {}', 'masking.drop[0] names no user, database or table'],
    ['masking: {drop: [{host: a}]}', 'masking.drop[0].host is not known'],
  ])('is refused by path: %s', (text, sentence) => {
    expect(() => loadConfig(file(`${text}\n`), {})).toThrow(sentence);
  });
});
