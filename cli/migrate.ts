import { Command } from 'commander';
import { clusterSql } from '../processors/store/cluster-sql.ts';
import { ensureDatabase } from '../processors/store/ensure-database.ts';
import { migrateStore } from '../processors/store/migrate-store.ts';
import type { Retention } from '../processors/store/retention.ts';
import { ASSIGNING_ROLES } from '../processors/store/roles.ts';
import type { StoreTarget } from '../processors/store/store-target.ts';
import { SqltrailError } from '../runtime/errors.ts';
import { clickhouseTarget } from './config/clickhouse-target.ts';
import type { Config } from './config/config-schema.ts';
import { clickhouseUrlOption, configFrom, configOption } from './options/config-options.ts';
import { printToStdout } from './output/stdout.ts';

interface MigrateOptions {
  readonly config?: string;
  readonly clickhouseUrl?: string;
  readonly store?: string;
  readonly dryRun?: true;
  readonly users?: true;
  readonly dangerouslyShowRaw?: true;
}

/**
 * `sqltrail migrate`: makes and updates the tables of a ClickHouse server, or of an embedded store, and sets how long rows are
 * kept. Running it again, or twice at once, does no harm.
 *
 * @throws SqltrailError from its action: `usage`, `config_invalid` (exit 2), `store_*` (exit 1).
 */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('make and update the tables of a ClickHouse server, and how long rows are kept')
    .addOption(configOption())
    .addOption(clickhouseUrlOption())
    .option('--store <dir>', 'an embedded store instead; `run` migrates its own, so this is rarely needed')
    .option('--dry-run', 'print the SQL that would run, and change nothing')
    .option(
      '--users',
      'also make the roles sqltrail_writer, sqltrail_detector, sqltrail_analyst and sqltrail_triage with their grants',
    )
    .option('--dangerously-show-raw', 'with --users: analysts may read unmasked text and values where they are stored')
    .action(runMigrate);
}

async function runMigrate(options: MigrateOptions): Promise<void> {
  const { target, layout, retention } = await storeOf(options);
  const plan = {
    substitute: clusterSql(layout),
    layout,
    retention,
    roles: options.users === true ? { dangerouslyShowRaw: options.dangerouslyShowRaw === true } : null,
    isDryRun: options.dryRun === true,
  };
  const created = target.kind === 'server' ? await ensureDatabase(target, layout, plan.isDryRun) : null;
  const { migrations, schema, settings } = await migrateStore(target, plan, created);
  if (plan.isDryRun) {
    const all = [...schema, ...settings].map((sql) => `${sql.trim()};\n`);
    await printToStdout(all.length === 0 ? '-- Nothing to do.\n' : all.join('\n'));
    return;
  }
  const applied = migrations === 0 ? 'The tables are up to date' : `Applied migrations: ${migrations}`;
  const further = settings.length === 0 ? '' : `; statements for retention and roles: ${settings.length}`;
  await printToStdout(`${applied}${further}.\n`);
  if (options.users === true)
    await printToStdout(`Give the roles to users, such as:\n  ${ASSIGNING_ROLES.join(';\n  ')};\n`);
}

/** An embedded store has no cluster, and keeps old captures: nothing of it is deleted by age. */
async function storeOf(options: MigrateOptions): Promise<{
  target: StoreTarget;
  layout: { cluster?: string | undefined; isReplicated: boolean };
  retention: Retention;
}> {
  if (options.store !== undefined) {
    if (options.clickhouseUrl !== undefined)
      throw new SqltrailError('usage', 'Both --store and --clickhouse-url are given.', 'Give one of them.');
    if (options.users === true)
      throw new SqltrailError('usage', 'An embedded store has no users.', 'Leave --users away.');
    return { target: { kind: 'embedded', directory: options.store }, layout: { isReplicated: false }, retention: {} };
  }
  const config: Config = await configFrom(options);
  const { cluster, is_replicated: isReplicated, retention_days: retention } = config.clickhouse;
  return { target: clickhouseTarget(config), layout: { cluster, isReplicated }, retention };
}
