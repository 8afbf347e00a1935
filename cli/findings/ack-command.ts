import { userInfo } from 'node:os';
import { Command } from 'commander';
import { sqlLiteral } from '../../processors/store/sql-literal.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { printToStdout } from '../output/stdout.ts';
import { visibleText } from '../output/visible-text.ts';
import { findFinding } from './find-finding.ts';
import { addStoreOptions, type FindingStoreArguments, withStore } from './finding-options.ts';
import { appendSuppression, suppressionOf } from './write-suppression.ts';

interface AckArguments extends FindingStoreArguments {
  readonly reason: string;
  readonly falsePositive: boolean;
  readonly reopen: boolean;
  readonly by?: string;
  readonly suppress?: string;
  readonly expires?: string;
}

const MOST_CHARACTERS = 1000;
const DATE = /^\d{4}-\d\d-\d\d$/;
const SUPPRESSED_DAYS = 90;
const DAY_MS = 86_400_000;

const HELP = `
Every decision is kept; the last one counts. A suppression covers the finding's rules for its account, client and database, until it expires; the
processes read it at their next SIGHUP.

Examples:
  sqltrail findings ack 3f2a --reason 'Pentest of May, ticket 4711'
  sqltrail findings ack 3f2a --false-positive --reason 'Report of the finance team' --suppress suppressions.yml --expires 2026-12-31`;

/** `sqltrail findings ack ID`. @throws SqltrailError from its action: `usage`, `query_invalid`, `config_invalid` (2), `query_failed`, `store_*` (1). */
export function ackCommand(): Command {
  return addStoreOptions(
    new Command('ack')
      .description('decide of a finding: seen, or a false positive')
      .argument('<id>', 'its id, or at least its first four digits')
      .requiredOption('--reason <text>', 'why; shown with the finding')
      .option('--false-positive', 'it was nothing', false)
      .option('--reopen', 'it is open again', false)
      .option('--by <name>', 'who decides (default: the user of this machine)')
      .option('--suppress <file>', 'and add a suppression to this file, so that it is not found again')
      .option('--expires <date>', `when the suppression ends, as 2026-12-31 (default: in ${SUPPRESSED_DAYS} days)`)
      .addHelpText('after', HELP),
  ).action(ack);
}

async function ack(id: string, args: AckArguments): Promise<void> {
  const reason = textOf('--reason', args.reason);
  const by = textOf('--by', args.by ?? userInfo().username);
  if (args.falsePositive && args.reopen)
    throw usage('Both --false-positive and --reopen are given.', 'Give one of them.');
  if (args.expires !== undefined && args.suppress === undefined)
    throw usage('--expires is given, but no suppression.', 'Name a file with --suppress.');
  const expires = args.expires ?? new Date(Date.now() + SUPPRESSED_DAYS * DAY_MS).toISOString().slice(0, 10);
  if (!DATE.test(expires) || Number.isNaN(Date.parse(expires)))
    throw usage('--expires is no date.', 'Write it like --expires 2026-12-31.');
  const status = args.falsePositive ? 'false_positive' : args.reopen ? 'open' : 'acknowledged';
  await withStore(args, { isReadOnly: false }, async (client) => {
    const finding = await findFinding(client, id);
    const whole = String(finding['finding_id']);
    if (args.suppress !== undefined) appendSuppression(args.suppress, suppressionOf(finding, reason, expires));
    // SELECT, not VALUES: to the values of an INSERT the embedded engine adds what it finds on standard input.
    await client.command(
      `INSERT INTO finding_triage (finding_id, status, decided_by, reason) SELECT ${[whole, status, by, reason].map(sqlLiteral).join(', ')}`,
    );
    const kept = args.suppress === undefined ? '' : ` Suppressed until ${expires} by ${args.suppress}.`;
    await printToStdout(`${whole}: ${status.replace('_', ' ')}, ${visibleText(by)}.${visibleText(kept)}\n`);
  });
}

function textOf(option: string, text: string): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > MOST_CHARACTERS)
    throw usage(`${option} is empty, or longer than ${MOST_CHARACTERS} characters.`, 'Say it in a sentence.');
  return trimmed;
}

function usage(message: string, cure: string): SqltrailError {
  return new SqltrailError('usage', message, cure);
}
