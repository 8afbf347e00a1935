import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether the optional embedded engine is here; tests that need it are skipped with a notice where it is not. */
export const hasChdb = isInstalled();

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve('chdb/connection');
    return true;
  } catch {
    console.warn('chdb is not installed: tests on the embedded store are skipped.');
    return false;
  }
}

/** A new directory for one store, and its removal. */
export function temporaryDirectory(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'sqltrail-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
