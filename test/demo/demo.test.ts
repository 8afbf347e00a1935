import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseLines, type Row, runCli } from '../support/cli.ts';
import { type LoggedConnection, UNLOGGED_COMMANDS } from '../support/general-log.ts';

const CAPTURE = fileURLToPath(new URL('../../demo/shop.pcap', import.meta.url));
/** From the general log of the server that the capture was taken of; `demo/record.ts` writes both. */
const truth = JSON.parse(readFileSync(new URL('../../demo/shop.ground-truth.json', import.meta.url), 'utf8')) as {
  statementsByUser: Record<string, number>;
  connections: LoggedConnection[];
  secrets: string[];
};

let output = '';
let events: Row[] = [];

beforeAll(async () => {
  const outcome = await runCli(['run', '--read', CAPTURE, '--store', 'none', '--format', 'ndjson']);
  expect(outcome.code, outcome.stderr).toBe(0);
  output = outcome.stdout;
  events = parseLines(output);
});

describe('the recorded web shop', () => {
  test.each(truth.connections.map((connection) => [connection.connectionId, connection] as const))(
    'holds of connection %i exactly what the server logged',
    (connectionId, { user, clientAddress, refused, commands }) => {
      const seen = events.filter((event) => event['connection_id'] === connectionId);
      const logged = seen.filter((event) => !UNLOGGED_COMMANDS.includes(String(event['command'])));
      expect(countBy(logged, 'command')).toEqual(commands);
      const login = seen.find((event) => event['command'] === 'connect');
      expect(login).toMatchObject({ user_name: user, client_address: clientAddress, status: refused ? 'error' : 'ok' });
    },
  );

  test('counts the statements of every user as the server did', () => {
    const statements = events.filter((event) => event['command'] === 'query' || event['command'] === 'execute');
    expect(countBy(statements, 'user_name')).toEqual(truth.statementsByUser);
  });

  test('is complete: no gap, no unknown outcome, no event without a connection', () => {
    expect(countBy(events, 'completeness')).toEqual({ complete: events.length });
    const withoutResponse = ['quit', 'close', 'send_long_data'];
    const answered = events.filter((event) => !withoutResponse.includes(String(event['command'])));
    expect(answered.filter((event) => event['status'] === 'unknown')).toEqual([]);
    expect(events.filter((event) => event['connection_id'] === 0)).toEqual([]);
  });

  test.each(truth.secrets.map((secret) => [secret]))('does not leak %s', (secret) => {
    expect(output.split('\n').filter((line) => line.includes(secret))).toEqual([]);
  });
});

function countBy(rows: readonly Row[], field: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[String(row[field])] = (counts[String(row[field])] ?? 0) + 1;
  return counts;
}
