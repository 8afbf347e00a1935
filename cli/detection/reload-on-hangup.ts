import type { Detect } from '../../processors/detect/detect.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import type { Config } from '../config/config-schema.ts';
import { loadDetection } from './load-detection.ts';

/** Who is told how a reload went. */
export interface ReloadListener {
  readonly done: (rules: number) => void;
  /** The rules before it stay in force. */
  readonly failed: (error: SqltrailError) => void;
}

/**
 * From now on SIGHUP reads the rules and suppressions again; where one of them is bad, what was in force stays so.
 *
 * @returns Ends it.
 */
export function reloadOnHangup(detect: Detect, config: Config, listener: ReloadListener): () => void {
  const read = async () => {
    try {
      const { rules, suppressions } = await loadDetection(config);
      detect.rules = rules;
      detect.suppressions = suppressions;
      listener.done(rules.rules.length);
    } catch (error) {
      if (!(error instanceof SqltrailError)) throw error;
      listener.failed(error);
    }
  };
  // A bug in it crashes, as any.
  const reload = () => void read();
  process.on('SIGHUP', reload);
  return () => process.off('SIGHUP', reload);
}
