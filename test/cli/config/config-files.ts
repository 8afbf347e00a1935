import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../cli/config/load-config.ts';
import { SqltrailError } from '../../../runtime/errors.ts';

/** Files of one test file. */
export class ConfigFiles {
  readonly directory = mkdtempSync(join(tmpdir(), 'sqltrail-config-'));
  private made = 0;

  /** @returns Its path. */
  file(contents: string | Uint8Array, mode = 0o600): string {
    const path = join(this.directory, `${this.made++}.yml`);
    writeFileSync(path, contents);
    chmodSync(path, mode);
    return path;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Why a configuration is not accepted. */
export function refusal(...args: Parameters<typeof loadConfig>): SqltrailError {
  try {
    loadConfig(...args);
  } catch (error) {
    if (error instanceof SqltrailError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}
