import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { misfitsOf } from '../support/command-line.ts';

const FOLDERS = 'bench bus cli demo deploy docs edge processors protocol rules runtime schemas sql test'.split(' ');
const PAGES = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
).filter((file) => file.endsWith('.md'));
const PATH = new RegExp(`\`((?:${FOLDERS.join('|')})/[\\w./-]+)\``, 'g');

describe.each(['README.md', ...PAGES])('%s', (page) => {
  const text = readFileSync(page, 'utf8');

  it('links to files and headings that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
    for (const [link, file = '', heading] of links) {
      const target = file === '' ? page : join(dirname(page), file);
      expect([link, existsSync(target)]).toEqual([link, true]);
      if (heading !== undefined) expect([link, headingsOf(target)]).toEqual([link, expect.arrayContaining([heading])]);
    }
  });

  it('names files and folders that are there', () => {
    for (const [, path = ''] of text.matchAll(PATH))
      expect([path, existsSync(path) || existsSync(join(dirname(page), path)) || path.includes('NAME')]).toEqual([
        path,
        true,
      ]);
  });

  it('gives commands that the program takes', async () => {
    for (const line of commandsOf(text)) expect([line, await misfitsOf(wordsOf(line))]).toEqual([line, []]);
  });
});

/** The names under which a page's headings can be linked to. */
function headingsOf(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** What stands behind `sqltrail` in blocks for a shell and between backquotes; not names of commands alone. */
function commandsOf(text: string): string[] {
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block.replace(/\\\n/g, ' '));
  const inline = [...text.replace(/```[\s\S]*?```/g, '').matchAll(/`(sqltrail [^`]+)`/g)].map(([, code = '']) => code);
  return [...blocks, ...inline].flatMap((code) =>
    [
      ...code.matchAll(/(?:^|[\s|])(?:sqltrail|node dist\/cli\/main\.js) ([a-z]+ (?:"[^"]*"|'[^']*'|[^\n#|"'])*)/gm),
    ].map(([, line = '']) => line.trim()),
  );
}

/** A line as a shell cuts it; of words in quotes only that they are there. */
function wordsOf(line: string): string[] {
  return line
    .replace(/"[^"]*"|'[^']*'/g, 'QUOTED')
    .replaceAll('…', '')
    .split(/\s+/)
    .filter((word) => word !== '');
}
