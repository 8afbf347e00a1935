import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The package's root directory, where `sql/` lies: the nearest directory at or above this module whose `package.json` is
 * sqltrail's. The same answer for compiled code in `dist/` and for TypeScript sources run directly.
 *
 * @throws Error when there is none: the installation is broken.
 */
export function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    if (isSqltrail(join(directory, 'package.json'))) return directory;
    const parent = dirname(directory);
    if (parent === directory) throw new Error('The package.json of sqltrail is missing above its own modules.');
    directory = parent;
  }
}

function isSqltrail(path: string): boolean {
  if (!existsSync(path)) return false;
  const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'name' in manifest && manifest.name === 'sqltrail';
}
