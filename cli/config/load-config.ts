import { SqltrailError } from '../../runtime/errors.ts';
import { parseYaml, type YamlFile, YamlProblem } from '../../runtime/yaml.ts';
import { visibleText } from '../output/visible-text.ts';
import { type ConfigField, configFields } from './config-fields.ts';
import { ConfigLayers, type ConfigProblem, type Origin } from './config-layers.ts';
import { type Config, configSchema } from './config-schema.ts';
import { contradictions } from './contradictions.ts';
import { type Environment, overlayEnvironment } from './environment-overlay.ts';
import { readSmallText } from './read-small-file.ts';
import { schemaProblems } from './schema-problems.ts';
import { readSecretFiles } from './secret-files.ts';
import { settingFromText } from './setting-text.ts';

/** Settings of the command line by their path, as text (`kafka.brokers` → `a:9092,b:9092`); undefined: not given. */
export type Overrides = Readonly<Record<string, string | undefined>>;

/** A configuration and where it comes from. */
export interface LoadedConfig {
  readonly config: Config;
  /** Where the value of a setting, by its path, was given. */
  readonly originOf: (path: string) => Origin;
  /** Sentences about what works but should not be so. */
  readonly warnings: readonly string[];
}

const MAX_FILE_BYTES = 64 * 1024;
/** More of them at once help nobody. */
const MAX_PROBLEMS = 10;

/**
 * The configuration of a command: flags over environment over file over defaults. Warnings go to standard error.
 *
 * @param path The YAML file, at most 64 KiB; undefined: none.
 * @throws SqltrailError `config_invalid` with the file, line and path of each mistake, and no value; it exits with 2.
 */
export function loadConfig(path: string | undefined, environment: Environment, overrides: Overrides = {}): Config {
  const { config, warnings } = explainConfig(path, environment, overrides);
  for (const warning of warnings) process.stderr.write(`sqltrail: ${visibleText(warning)}\n`);
  return config;
}

/** The same with what `sqltrail config check` shows about it. */
export function explainConfig(
  path: string | undefined,
  environment: Environment,
  overrides: Overrides = {},
): LoadedConfig {
  const fields = configFields();
  const warnings: string[] = [];
  const file = path === undefined ? { value: {}, lines: new Map() } : readFile(path);
  const layers = new ConfigLayers(sectionOf(file.value, path), file.lines);
  const mistakes = overlayEnvironment(layers, environment, fields);
  mistakes.push(...overlayFlags(layers, overrides, fields));
  const parsed = configSchema.safeParse(layers.values);
  const problems = parsed.success ? contradictions(parsed.data) : schemaProblems(parsed.error.issues, fields);
  mistakes.push(...problems.map((problem) => sentenceOf(problem, layers, path)));
  if (mistakes.length > 0 || !parsed.success) throw invalid(mistakes);
  readSecretFiles(parsed.data, (sentence) => warnings.push(sentence));
  if (parsed.data.kafka.sasl.mechanism === 'plain' && !parsed.data.kafka.tls.enabled)
    warnings.push('The password for Kafka crosses the network in the clear: kafka.tls.enabled would stop that.');
  return {
    config: parsed.data,
    originOf: (setting) => (layers.has(setting) ? layers.originOf(setting) : { kind: 'default' }),
    warnings,
  };
}

function readFile(path: string): YamlFile {
  const { text } = readSmallText('The configuration', path, MAX_FILE_BYTES);
  try {
    return parseYaml(text);
  } catch (cause) {
    if (!(cause instanceof YamlProblem)) throw cause;
    const place = cause.line === null ? path : `${path}, line ${cause.line}`;
    throw new SqltrailError(
      'config_invalid',
      `${visibleText(place)}: ${cause.message}.`,
      'Correct the file; `sqltrail config check FILE` tries it.',
    );
  }
}

function sectionOf(value: unknown, path: string | undefined): Record<string, unknown> {
  if (value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalid([`${visibleText(path ?? '')} holds no sections, as \`kafka:\`.`]);
}

function overlayFlags(layers: ConfigLayers, overrides: Overrides, fields: readonly ConfigField[]): string[] {
  const mistakes: string[] = [];
  for (const [path, text] of Object.entries(overrides)) {
    if (text === undefined) continue;
    const setting = settingFromText(fields.find((field) => field.path === path)!, text);
    if ('problem' in setting) mistakes.push(`${path}, given on the command line, ${setting.problem}.`);
    else layers.set(path, setting.value, { kind: 'flag' });
  }
  return mistakes;
}

function sentenceOf({ path, message }: ConfigProblem, layers: ConfigLayers, file: string | undefined): string {
  const origin = layers.originOf(path);
  const name = visibleText(path).replace(/\.(\d+)(?=\.|$)/g, '[$1]') || 'the file';
  const end = message.endsWith('?') ? message : `${message}.`;
  switch (origin.kind) {
    case 'file':
      return `${visibleText(file ?? '')}, line ${origin.line}: ${name} ${end}`;
    case 'environment':
      return `${origin.variable} (${name}) ${end}`;
    case 'flag':
      return `${name}, given on the command line, ${end}`;
    case 'default':
      return `${name} ${end}`;
  }
}

function invalid(mistakes: readonly string[]): SqltrailError {
  const shown = mistakes.slice(0, MAX_PROBLEMS);
  if (mistakes.length > shown.length) shown.push(`And ${mistakes.length - shown.length} more.`);
  const message = shown.length === 1 ? shown[0]! : `The configuration has mistakes:\n  ${shown.join('\n  ')}`;
  return new SqltrailError(
    'config_invalid',
    message,
    'Correct it; `sqltrail config check FILE` tries it, docs/configuration.md has every key.',
  );
}
