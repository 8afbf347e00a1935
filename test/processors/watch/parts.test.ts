import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientHost } from '../../../processors/watch/client-host.ts';
import { HostNames } from '../../../processors/watch/host-names.ts';
import { mysqlFault } from '../../../processors/watch/mysql-fault.ts';
import { processList } from '../../../processors/watch/process-list.ts';
import { QuerySlots } from '../../../processors/watch/query-slots.ts';
import { versionNumber } from '../../../processors/watch/server-facts.ts';
import { canonicalAddress } from '../../../schemas/canonical-address.ts';

describe('clientHost', () => {
  it.each([
    ['10.0.0.7:41234', { host: '10.0.0.7', port: 41_234 }],
    ['app1.example.com:1', { host: 'app1.example.com', port: 1 }],
    ['2001:db8::7:41234', { host: '2001:db8::7', port: 41_234 }],
    ['localhost', null],
    ['', null],
    ['10.0.0.7:0', null],
    ['10.0.0.7:70000', null],
    [':41234', null],
  ])('reads %s', (text, client) => {
    expect(clientHost(text)).toEqual(client);
  });
});

describe('canonicalAddress', () => {
  it.each([
    ['10.0.0.7', '10.0.0.7'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['[fe80::1%eth0]', 'fe80::1'],
    ['app1', null],
    ['10.0.0.256', null],
  ])('writes %s as captures do', (text, address) => {
    expect(canonicalAddress(text)).toBe(address);
  });
});

describe('processList', () => {
  it.each([
    ['MySQL 9 with its performance schema', false, 90_100, true, 'performance_schema.processlist'],
    ['MySQL 9 without', false, 90_100, false, 'information_schema.PROCESSLIST'],
    ['MySQL 8.0.21', false, 80_021, true, 'information_schema.PROCESSLIST'],
    ['MariaDB', true, 101_100, true, 'information_schema.PROCESSLIST'],
  ] as const)(
    'asks %s for the cheapest list, without the text of what runs',
    (_, isMariaDb, version, hasSchema, table) => {
      const { sql } = processList({ isMariaDb, versionNumber: version, hasPerformanceSchema: hasSchema });
      expect(sql).toContain(`FROM ${table}`);
      expect(sql).not.toMatch(/INFO\b|\*/);
    },
  );

  it('takes no more of Time than a server that subtracts whole seconds vouches for', () => {
    const mysql = processList({ isMariaDb: false, versionNumber: 80_400, hasPerformanceSchema: true });
    const maria = processList({ isMariaDb: true, versionNumber: 101_100, hasPerformanceSchema: false });
    const inState = (list: typeof mysql, time: string | number) => list.read([7, 'a', 'h:1', null, time])?.inStateUs;
    expect([inState(mysql, 5), inState(mysql, 0), inState(mysql, -3)]).toEqual([4e6, 0, 0]);
    expect(inState(maria, '5250.125')).toBe(5_250_125);
  });
});

describe('versionNumber', () => {
  it.each([
    ['8.0.36-log', 80_036],
    ['5.5.5-10.11.6-MariaDB', 101_106],
    ['11.8.2-MariaDB-ubu', 110_802],
    ['proxy', 0],
  ])('of %s', (version, number) => {
    expect(versionNumber(version)).toBe(number);
  });
});

describe('QuerySlots', () => {
  it('never comes to more than one query an interval over time, two more at most, whoever cannot wait', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ afterMs: fc.nat(4_000), isAsked: fc.boolean() }), { maxLength: 200 }),
        (moments) => {
          const slots = new QuerySlots(10_000, 0);
          let nowMs = 0;
          let queries = 0;
          for (const { afterMs, isAsked } of moments) {
            nowMs += afterMs;
            if (isAsked) slots.askSoon(nowMs, 0);
            if (slots.dueMs <= nowMs) {
              slots.asked(nowMs);
              queries++;
            }
          }
          expect(queries).toBeLessThanOrEqual(Math.ceil(nowMs / 10_000) + 2);
        },
      ),
    );
  });
});

describe('mysqlFault', () => {
  it('never repeats what a server says', () => {
    const fault = mysqlFault({ errno: 1064, code: 'ER_PARSE_ERROR', message: "near 'secret'", sqlMessage: 'secret' });
    expect(`${fault.message} ${fault.cure} ${fault.stack}`).not.toContain('secret');
    expect(fault).toMatchObject({ kind: 'failed', code: '1064', isFatal: false });
  });
});

describe('HostNames', () => {
  it('remembers what it found and what it did not, and waits for a slow resolver no longer than it may', async () => {
    const asked: string[] = [];
    const names = new HostNames((name) => {
      asked.push(name);
      if (name === 'slow') return new Promise(() => {});
      return name === 'here' ? Promise.resolve(['10.0.0.7', 'garbage']) : Promise.reject(new Error('none'));
    });
    await names.learn(['here', 'nowhere', 'slow'], 50);
    await names.learn(['slow'], 10);
    expect([names.addresses('here'), names.addresses('nowhere'), names.addresses('slow')]).toEqual([
      ['10.0.0.7'],
      [],
      null,
    ]);
    expect(asked.sort()).toEqual(['here', 'nowhere', 'slow']);
    expect(names.addresses('::ffff:10.0.0.9')).toEqual(['10.0.0.9']);
  });
});
