import type { Command } from 'commander';
import { ClickhouseClient } from '../../processors/store/clickhouse-client.ts';
import { DEFAULT_STORE_DIRECTORY } from '../../processors/store/store-target.ts';
import { clickhouseUrlOption, configOption } from '../options/config-options.ts';
import { queryError } from '../query/query-error.ts';
import { queryTarget } from '../query/query-target.ts';

/** Where the findings are, as commander gives it. */
export interface FindingStoreArguments {
  readonly store?: string;
  readonly clickhouseUrl?: string;
  readonly config?: string;
}

export function addStoreOptions(command: Command): Command {
  return command
    .option('--store <dir>', `directory of the embedded store (default: ${DEFAULT_STORE_DIRECTORY})`)
    .addOption(clickhouseUrlOption())
    .addOption(configOption());
}

/** Runs something on the store of a command line and closes it. @throws SqltrailError `query_*`, `store_*`. */
export async function withStore<T>(
  args: FindingStoreArguments,
  { isReadOnly }: { readonly isReadOnly: boolean },
  run: (client: ClickhouseClient) => Promise<T>,
): Promise<T> {
  const client = await ClickhouseClient.open(await queryTarget(args), 'read');
  try {
    if (isReadOnly) await client.makeReadOnly();
    return await run(client);
  } catch (cause) {
    throw queryError(cause);
  } finally {
    await client.close();
  }
}

/** The options that lead to the same store, for a command that is shown to be run. */
export function storeFlags({ store, clickhouseUrl, config }: FindingStoreArguments): string {
  const flags = [
    store === undefined ? '' : ` --store ${shellWord(store)}`,
    clickhouseUrl === undefined ? '' : ` --clickhouse-url ${shellWord(clickhouseUrl)}`,
    config === undefined ? '' : ` --config ${shellWord(config)}`,
  ];
  return flags.join('');
}

/** A value as one word of a shell's command line. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
