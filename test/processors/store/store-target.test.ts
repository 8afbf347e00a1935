import { describe, expect, it } from 'vitest';
import { storeTarget } from '../../../processors/store/store-target.ts';

describe('storeTarget', () => {
  it('is an embedded store in the default directory unless told otherwise', () => {
    expect(storeTarget({}, {})).toEqual({ kind: 'embedded', directory: './sqltrail-data' });
    expect(storeTarget({ store: '/x' }, {})).toEqual({ kind: 'embedded', directory: '/x' });
  });

  it('takes user and password of a server from the environment before the address', () => {
    const url = 'https://a:b%40@ch:8443/db';
    expect(storeTarget({ clickhouseUrl: url }, {})).toEqual({
      kind: 'server',
      url: 'https://ch:8443/db',
      user: 'a',
      password: 'b@',
    });
    expect(storeTarget({ clickhouseUrl: url }, { CLICKHOUSE_USER: 'u', CLICKHOUSE_PASSWORD: 'p' })).toMatchObject({
      user: 'u',
      password: 'p',
    });
    expect(storeTarget({ clickhouseUrl: 'http://ch:8123' }, {})).toMatchObject({ user: 'default', password: '' });
  });

  it.each([{ clickhouseUrl: 'ch:8123' }, { clickhouseUrl: '' }, { clickhouseUrl: 'http://ch', store: '/x' }])(
    'refuses %o',
    (options) => {
      expect(() => storeTarget(options, {})).toThrow(expect.objectContaining({ code: 'usage', exitCode: 2 }));
    },
  );
});
