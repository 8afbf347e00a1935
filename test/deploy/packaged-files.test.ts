import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Folders of the package that the program reads at run time, as its modules name them. */
const READ = new Set(
  ['bus', 'cli', 'edge', 'processors', 'protocol', 'runtime', 'schemas'].flatMap(modulesOf).flatMap(namesIn),
);

describe('what the program reads of its own package', () => {
  it('is a manifest, rules and SQL', () => {
    expect([...READ].sort()).toEqual(['package.json', 'rules', 'sql']);
  });

  it('is in the npm package', () => {
    const { files } = JSON.parse(readFileSync('package.json', 'utf8'));
    // The manifest always is.
    for (const name of READ) if (name !== 'package.json') expect(files).toContain(name);
    expect(files).toContain('dist');
  });

  it('is in the images', () => {
    const base = /^FROM \S+ AS base$([\s\S]*?)^FROM /m.exec(readFileSync('Dockerfile', 'utf8'))![1]!;
    const copied = [...base.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) => match[1]!.split(' '));
    for (const name of READ) expect(copied).toContain(name);
    const ignored = readFileSync('.dockerignore', 'utf8').split('\n');
    for (const name of READ) expect(ignored).not.toContain(name);
  });
});

function modulesOf(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
}

function namesIn(path: string): string[] {
  return [...readFileSync(path, 'utf8').matchAll(/packageRoot\(\), '([^']+)'/g)].map((match) => match[1]!);
}
