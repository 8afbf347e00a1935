import { Command, Option } from 'commander';
import { SEVERITIES } from '../../processors/findings/severities.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { printToStdout } from '../output/stdout.ts';
import { parseTime } from '../query/parse-time.ts';
import { printResult, QUERY_FORMATS, type QueryFormat } from '../query/print-result.ts';
import { addStoreOptions, type FindingStoreArguments, withStore } from './finding-options.ts';

interface ListArguments extends FindingStoreArguments {
  readonly since?: string;
  readonly until?: string;
  readonly user?: string;
  readonly client?: string;
  readonly database?: string;
  readonly server?: string;
  readonly rule?: string;
  readonly severity: (typeof SEVERITIES)[number];
  readonly status: 'open' | 'acknowledged' | 'false_positive' | 'all';
  readonly limit: string;
  readonly format: QueryFormat;
}

const FEWEST = 1;
const MOST = 1_000_000;
const EARLIEST = '1970-01-01 00:00:00.000000';
const LATEST = '2106-02-07 06:28:15.999999';

/** What a table has room for; the other formats print every column. */
const FOR_PEOPLE = `severity, score, left(toString(last_seen), 19) AS last_seen, left(toString(finding_id), 8) AS finding,
  concat(rule_title, if(length(rules) > 1, concat(' (+', toString(length(rules) - 1), ')'), '')) AS found,
  if(user_name = '', '?', user_name) AS user, client_address AS client, database_name AS database, events, returned_rows AS rows, status`;

/** `sqltrail findings list`. @throws SqltrailError from its action: `usage`, `query_invalid` (2), `query_failed`, `store_*` (1). */
export function listCommand(): Command {
  return addStoreOptions(
    new Command('list')
      .description('findings, the gravest first')
      .option('--since <time>', 'seen from then on: 1h, 7d (before now) or 2026-01-31T12:00:00Z; default: everything')
      .option('--until <time>', 'seen up to then, written likewise')
      .option('--user <name>', 'of this MySQL user')
      .option('--client <address>', 'from this client address')
      .option('--database <name>', 'with this default schema')
      .option('--server <id>', 'on this server (server_id)')
      .option('--rule <id>', 'of this rule, or area as sqli.*')
      .addOption(new Option('--severity <level>', 'at least this bad').choices(SEVERITIES).default('low'))
      .addOption(
        new Option('--status <status>', 'what was decided')
          .choices(['open', 'acknowledged', 'false_positive', 'all'])
          .default('open'),
      )
      .option('--limit <rows>', 'at most so many', '100')
      .addOption(
        new Option('--format <format>', 'table shows a part of the columns').choices(QUERY_FORMATS).default('table'),
      ),
  ).action(list);
}

async function list(args: ListArguments): Promise<void> {
  const limit = Number(args.limit);
  if (!Number.isInteger(limit) || limit < FEWEST || limit > MOST)
    throw new SqltrailError(
      'usage',
      `--limit is no whole number from ${FEWEST} to ${MOST}.`,
      'Write it like --limit 100.',
    );
  const nowMs = Date.now();
  const parameters = {
    since: args.since === undefined ? EARLIEST : parseTime('--since', args.since, nowMs),
    until: args.until === undefined ? LATEST : parseTime('--until', args.until, nowMs),
    user: args.user ?? '',
    client: args.client ?? '',
    database: args.database ?? '',
    server: args.server ?? '',
    rule: args.rule ?? '',
    severity: args.severity,
    status: args.status,
    limit,
  };
  const columns = args.format === 'table' ? FOR_PEOPLE : '*';
  const sql = `SELECT ${columns} FROM findings AS f
    WHERE f.last_seen >= {since:DateTime64(6, 'UTC')} AND f.first_seen <= {until:DateTime64(6, 'UTC')}
      AND ({user:String} = '' OR f.user_name = {user:String}) AND ({client:String} = '' OR f.client_address = {client:String})
      AND ({database:String} = '' OR f.database_name = {database:String}) AND ({server:String} = '' OR f.server_id = {server:String})
      AND ({rule:String} = '' OR has(f.rules.rule_id, {rule:String}) OR (endsWith({rule:String}, '.*') AND f.area = left({rule:String}, -2)))
      AND f.severity >= {severity:String} AND ({status:String} = 'all' OR f.status = {status:String})
    ORDER BY f.severity DESC, f.score DESC, f.last_seen DESC, f.finding_id LIMIT {limit:UInt32}`;
  await withStore(args, { isReadOnly: true }, async (client) => {
    const width = process.stdout.columns ?? Number.POSITIVE_INFINITY;
    const rows = await printResult(client, sql, parameters, args.format, width, printToStdout);
    if (rows === 0)
      process.stderr.write(
        'No findings match. Others may be decided (--status all) or less grave (--severity info).\n',
      );
  });
}
