import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import type { Document, LineCounter, Node } from 'yaml';

/** A configuration file as plain values. Objects have no prototype. */
export interface YamlFile {
  /** Null where the file is empty. */
  readonly value: unknown;
  /** Line of a value's key, by its path with dots (`kafka.brokers`, `kafka.brokers.0`). */
  readonly lines: ReadonlyMap<string, number>;
}

/** Text that is no YAML this program takes. The message never quotes the text, which may hold passwords. */
export class YamlProblem extends Error {
  /** From 1; null where no line is to blame. */
  readonly line: number | null;

  constructor(message: string, line: number | null) {
    super(message);
    this.name = 'YamlProblem';
    this.line = line;
  }
}

/** Characters of a file; the library's time grows with the square of a map's keys. */
const MAX_LENGTH = 64 * 1024;
/** The deepest nesting of a file: no configuration needs more. */
const MAX_DEPTH = 16;
/** What `yaml` calls a problem, in words; its own messages quote the file. */
const PROBLEMS: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'a value starts with * or &, which means something in YAML: put it in quotes',
  BAD_INDENT: 'the indentation is wrong, or a bracket is missing',
  BAD_SCALAR_START: 'a value starts with a character that means something in YAML: put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a value spans lines or holds a colon: put it in quotes',
  DUPLICATE_KEY: 'a key is given twice',
  MISSING_CHAR: 'a bracket, quote or colon is missing',
  MULTIPLE_DOCS: 'there is a second document',
  MULTILINE_IMPLICIT_KEY: 'a key has no colon with a blank behind it',
  TAB_AS_INDENT: 'a tab is used as indentation: use blanks',
  TAG_RESOLVE_FAILED: 'a value starts with !, which means something in YAML: put it in quotes',
};

let loaded: typeof Yaml | null = null;

/** Loaded on first use: it costs some 40 ms and 9 MB, which a command without a file need not pay. */
function library(): typeof Yaml {
  loaded ??= createRequire(import.meta.url)('yaml') as typeof Yaml;
  return loaded;
}

/**
 * Reads one YAML 1.2 document of scalars, lists and maps with text keys. No aliases, tags or merge keys, so that a value is
 * never anything but what is written at its place, and the result is no larger than the text.
 *
 * @throws YamlProblem with the line; nothing else, whatever the text is.
 */
export function parseYaml(text: string): YamlFile {
  const { isAlias, isMap, isScalar, isSeq, LineCounter } = library();
  const lineCounter = new LineCounter();
  const lineAt = (offset: number): number => Math.max(1, lineCounter.linePos(offset).line);
  const document = parse(text, lineCounter);
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    throw new YamlProblem(PROBLEMS[problem.code] ?? 'it cannot be read as YAML', lineAt(problem.pos[0]));
  }
  const lines = new Map<string, number>();
  const read = (node: Node | null, path: readonly string[]): unknown => {
    const line = lineAt(node?.range?.[0] ?? 0);
    if (path.length > MAX_DEPTH) throw new YamlProblem('it is nested too deeply', line);
    if (node === null) return null;
    if (isAlias(node)) throw new YamlProblem(PROBLEMS['BAD_ALIAS']!, line);
    if (node.tag?.startsWith('!')) throw new YamlProblem(PROBLEMS['TAG_RESOLVE_FAILED']!, line);
    if (isSeq<Node | null>(node)) {
      return node.items.map((item, index) => {
        const itemPath = [...path, String(index)];
        lines.set(itemPath.join('.'), lineAt(item?.range?.[0] ?? node.range?.[0] ?? 0));
        return read(item, itemPath);
      });
    }
    if (isMap<Node, Node | null>(node)) {
      const map: Record<string, unknown> = Object.create(null);
      for (const { key, value } of node.items) {
        const keyLine = lineAt(key?.range?.[0] ?? node.range?.[0] ?? 0);
        const name = isScalar(key) ? key.value : undefined;
        if (typeof name !== 'string') throw new YamlProblem('a key is not text', keyLine);
        const valuePath = [...path, name];
        lines.set(valuePath.join('.'), keyLine);
        map[name] = read(value, valuePath);
      }
      return map;
    }
    if (isScalar(node)) return node.value;
    throw new YamlProblem('it cannot be read as YAML', line);
  };
  return { value: read(document.contents as Node | null, []), lines };
}

function parse(text: string, lineCounter: LineCounter): Document.Parsed {
  if (text.length > MAX_LENGTH) throw new YamlProblem(`it is larger than ${MAX_LENGTH / 1024} KiB`, null);
  const deepLine = lineTooDeep(text);
  if (deepLine !== null) throw new YamlProblem('it is nested too deeply', deepLine);
  return library().parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    merge: false,
    resolveKnownTags: false,
    schema: 'core',
    logLevel: 'error',
  });
}

/**
 * The line that nests deeper than a configuration ever does, by brackets or by indicators in a row (`- - -`); null without one.
 * The library recurses, and near the end of the stack V8 ends the process with an error that nobody can catch.
 */
function lineTooDeep(text: string): number | null {
  let brackets = 0;
  let indicators = 0;
  let line = 1;
  for (const token of new (library().Lexer)().lex(text)) {
    if (token === '[' || token === '{') brackets++;
    else if (token === ']' || token === '}') brackets--;
    else if (brackets === 0 && (token === '-' || token === '?' || token === ':')) indicators++;
    if (brackets > MAX_DEPTH || indicators > MAX_DEPTH) return line;
    if (token.includes('\n')) {
      line += token.split('\n').length - 1;
      indicators = 0;
    }
  }
  return null;
}

/** One value in one line of YAML, with control characters escaped. */
export function yamlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlValue).join(', ')}]`;
  if (typeof value !== 'string') return JSON.stringify(value ?? null);
  // A plain word needs no quotes; whatever a reader of YAML could take for something else has them.
  if (/^[A-Za-z/][\w./:@-]*$/.test(value) && !value.endsWith(':') && !isWord(value)) return value;
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029]/g, escaped);
}

function isWord(text: string): boolean {
  const { Scalar, stringify } = library();
  return stringify(new Scalar(text), { lineWidth: 0 }).trimEnd() !== text;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
