import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../../cli/config/config-schema.ts';
import { EmbeddedWatch } from '../../../cli/run/embedded-watch.ts';
import { type WatchArguments, watchOptions } from '../../../cli/run/watch-options.ts';
import { AuditEvent } from '../../../schemas/audit-event.ts';

let folder: string;
let passwordFile: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sqltrail-watch-'));
  passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'secret\n', { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options = (args: WatchArguments, isLive = true, settings: object = {}) =>
  watchOptions(args, configSchema.parse(settings), isLive, [3307]);

describe('whom a run asks', () => {
  it('is nobody unless told', async () => {
    expect(await options({})).toBeNull();
  });

  it('are the servers it captures, with the password of a file', async () => {
    expect(await options({ mysqlUser: 'sqltrail', mysqlPasswordFile: passwordFile })).toMatchObject({
      servers: [],
      login: { user: 'sqltrail', password: 'secret', host: null, port: 3307 },
    });
  });

  it.each([
    ['db7', { host: 'db7', port: 3307 }],
    ['db7:3310', { host: 'db7', port: 3310 }],
    ['[2001:db8::1]:3310', { host: '2001:db8::1', port: 3310 }],
  ])('is the server %s', async (mysqlHost, login) => {
    expect(await options({ mysqlUser: 'sqltrail', mysqlHost })).toMatchObject({ login });
  });

  it('are the configured ones, but not where a file is read', async () => {
    const watch = { servers: [{ id: 'db7', host: 'db7', user: 'u', password_file: passwordFile }] };
    expect(await options({}, true, { watch })).toMatchObject({ servers: [{ mysql: { password: 'secret' } }] });
    expect(await options({}, false, { watch })).toBeNull();
  });

  it.each([
    ['a host without a user', { mysqlHost: 'db7' }, true],
    ['a password without a user', { mysqlPasswordFile: 'x' }, true],
    ['a user for a file', { mysqlUser: 'u' }, false],
    ['a host that is none', { mysqlUser: 'u', mysqlHost: 'a:b:c' }, true],
    ['a port that is none', { mysqlUser: 'u', mysqlHost: 'a:70000' }, true],
  ] as const)('cannot be %s', async (_, args, isLive) => {
    await expect(options(args, isLive)).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('a server in the capture', () => {
  it.each([
    ['on this host is asked', '127.0.0.1', 1],
    ['elsewhere is not: it would get a login from whoever forges its packets', '203.0.113.5', 0],
  ])('%s', async (_, serverAddress, asked) => {
    const watch = new EmbeddedWatch((await options({ mysqlUser: 'sqltrail' }))!, null, () => {});
    try {
      const event = new AuditEvent({
        uid: 'ab'.repeat(16),
        serverId: `${serverAddress}:1`,
        clientAddress: '10.0.0.7',
        clientPort: 40_000,
        serverAddress,
        serverPort: 1,
      });
      watch.apply(event);
      expect(watch.watcher.servers.size).toBe(asked);
    } finally {
      await watch.close();
    }
  });
});
