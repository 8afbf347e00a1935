import { Command } from 'commander';
import { ClickhouseClient } from '../processors/store/clickhouse-client.ts';
import { DEFAULT_STORE_DIRECTORY } from '../processors/store/store-target.ts';
import { SqltrailError } from '../runtime/errors.ts';
import { clickhouseUrlOption, configOption } from './options/config-options.ts';
import { printToStdout } from './output/stdout.ts';
import { bindParameters } from './query/bind-parameters.ts';
import { findInvestigation, listInvestigations, readInvestigations } from './query/investigation.ts';
import { printResult, QUERY_FORMATS, type QueryFormat } from './query/print-result.ts';
import { queryError } from './query/query-error.ts';
import { queryTarget } from './query/query-target.ts';
import { readOnlySql } from './query/read-only-sql.ts';
import { windowCoverage } from './query/window-coverage.ts';

/** Filters of the investigations: every one of them takes some. */
const FILTERS = [
  'since',
  'until',
  'user',
  'database',
  'client',
  'server',
  'digest',
  'table',
  'connection',
  'limit',
] as const;

type QueryOptions = Readonly<
  Partial<Record<(typeof FILTERS)[number] | 'sql' | 'store' | 'clickhouseUrl' | 'config', string>>
> & {
  readonly format: string;
};

interface Question {
  readonly sql: string;
  readonly parameters: Record<string, string | number>;
  /** A saved investigation, which is told with the coverage of its window. */
  readonly isSaved: boolean;
}

/**
 * `sqltrail query`: lists the saved investigations, runs one, or runs an analyst's own SQL, read-only. Only the result goes
 * to stdout.
 *
 * @throws SqltrailError from its action: `query_unknown`, `query_invalid`, `usage` (exit 2), `query_failed`, `store_*` (exit 1).
 */
export function queryCommand(): Command {
  return new Command('query')
    .description('ask the audit trail: a saved investigation, or your own SQL, read-only')
    .argument('[name]', 'a saved investigation; without one they are listed')
    .option('--sql <select>', "your own query on the view `audit`, as 'SELECT …'")
    .option('--since <time>', 'from then on: 1h, 7d (before now) or 2026-01-31T12:00:00Z; default: everything')
    .option('--until <time>', 'up to then, written likewise')
    .option('--user <name>', 'of this MySQL user')
    .option('--database <name>', 'sent with this default schema')
    .option('--client <address>', 'from this client address')
    .option('--server <id>', 'to this server (server_id)')
    .option('--digest <digest>', 'of this statement (statement_digest)')
    .option('--table <name>', 'naming this table, as table or db.table')
    .option('--connection <id>', 'of this connection: connection_uid or the id the server gave it')
    .option('--limit <rows>', 'at most so many rows')
    .option(
      '--format <format>',
      `${QUERY_FORMATS.join(', ')}; csv leads text that starts like a formula with '`,
      'table',
    )
    .option('--store <dir>', `directory of the embedded store (default: ${DEFAULT_STORE_DIRECTORY})`)
    .addOption(clickhouseUrlOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      () => `\nInvestigations:\n${listInvestigations(readInvestigations()).replace(/^/gm, '  ').trimEnd()}`,
    )
    .action(runQuery);
}

async function runQuery(name: string | undefined, options: QueryOptions): Promise<void> {
  const format = formatOf(options.format);
  const question = questionOf(name, options);
  if (question === null) {
    await printToStdout(listInvestigations(readInvestigations()));
    return;
  }
  const client = await ClickhouseClient.open(await queryTarget(options), 'read');
  try {
    await client.makeReadOnly();
    const columns = process.stdout.columns ?? Number.POSITIVE_INFINITY;
    const rows = await printResult(client, question.sql, question.parameters, format, columns, printToStdout);
    if (rows === 0) process.stderr.write(`${await noRows(client)}\n`);
    if (question.isSaved && format === 'table') process.stderr.write(await coverageOf(client, question.parameters));
  } catch (cause) {
    throw queryError(cause);
  } finally {
    await client.close();
  }
}

/** For people, beside the result: an answer says only as much as the trail holds. That it cannot be told is no failure of the query. */
async function coverageOf(client: ClickhouseClient, parameters: Question['parameters']): Promise<string> {
  try {
    return await windowCoverage(client, findInvestigation('coverage', readInvestigations()), parameters);
  } catch (cause) {
    return `Coverage of this window: not to be had. ${queryError(cause).message}\n`;
  }
}

function formatOf(text: string): QueryFormat {
  const format = QUERY_FORMATS.find((known) => known === text);
  if (format === undefined)
    throw new SqltrailError(
      'usage',
      `There is no format ${JSON.stringify(text)}.`,
      `Use one of: ${QUERY_FORMATS.join(', ')}.`,
    );
  return format;
}

/** @returns Null where nothing is asked. */
function questionOf(name: string | undefined, options: QueryOptions): Question | null {
  const given = new Map<string, string>();
  for (const filter of FILTERS) {
    const value = options[filter];
    if (value !== undefined) given.set(filter, value);
  }
  if (options.sql !== undefined) {
    if (name !== undefined)
      throw new SqltrailError('usage', 'Both a saved investigation and --sql are given.', 'Give one of them.');
    const [filter] = given.keys();
    if (filter !== undefined)
      throw new SqltrailError(
        'query_invalid',
        `--${filter} does not apply to --sql.`,
        'Put the condition into the query.',
      );
    return { sql: readOnlySql(options.sql), parameters: {}, isSaved: false };
  }
  if (name === undefined) {
    if (given.size > 0)
      throw new SqltrailError(
        'usage',
        'Filters are given, but no investigation.',
        `Name one of: ${readInvestigations()
          .map((known) => known.name)
          .join(', ')}.`,
      );
    return null;
  }
  const investigation = findInvestigation(name, readInvestigations());
  return { sql: investigation.sql, parameters: bindParameters(investigation, given, Date.now()), isSaved: true };
}

/** Why an empty answer may be empty: a store of old traffic asked for the last hour is the usual reason. */
async function noRows(client: ClickhouseClient): Promise<string> {
  const [row] = await client.rows(
    'SELECT count() AS events, toString(min(event_time)) AS first, toString(max(event_time)) AS last FROM audit_events',
  );
  if (row === undefined || Number(row['events']) === 0) return 'No rows: the store holds no events yet.';
  return `No rows match. The store holds events from ${String(row['first'])} to ${String(row['last'])} UTC.`;
}
