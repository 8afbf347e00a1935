import type { StoreTarget } from '../../processors/store/store-target.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { clickhouseTarget } from '../config/clickhouse-target.ts';
import { configFrom } from '../options/config-options.ts';

/**
 * The store that a question goes to: the directory of `--store`; else the server of `--clickhouse-url`, the environment or the
 * configuration; else the directory of the configuration, which has a default.
 *
 * @throws SqltrailError `usage` where both are given, `config_invalid`.
 */
export async function queryTarget(options: {
  readonly store?: string;
  readonly clickhouseUrl?: string;
  readonly config?: string;
}): Promise<StoreTarget> {
  const { store, clickhouseUrl } = options;
  if (store !== undefined && clickhouseUrl !== undefined)
    throw new SqltrailError('usage', 'Both --store and --clickhouse-url are given.', 'Give one of them.');
  const config = await configFrom(options);
  if (store === undefined && config.clickhouse.url !== undefined) return clickhouseTarget(config);
  return { kind: 'embedded', directory: store ?? config.store.directory };
}
