import { closestName } from '../../runtime/closest-name.ts';
import type { ConfigField } from './config-fields.ts';
import type { ConfigLayers } from './config-layers.ts';
import { settingFromText } from './setting-text.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that other programs of the field read too. */
export const WELL_KNOWN_VARIABLES: Readonly<Record<string, string>> = {
  KAFKA_BROKERS: 'kafka.brokers',
  CLICKHOUSE_URL: 'clickhouse.url',
  CLICKHOUSE_USER: 'clickhouse.user',
  CLICKHOUSE_PASSWORD: 'clickhouse.password',
  CLICKHOUSE_PASSWORD_FILE: 'clickhouse.password_file',
};

/** `kafka.tls.enabled` → `SQLTRAIL_KAFKA__TLS__ENABLED`. */
export function variableOf(path: string): string {
  return `SQLTRAIL_${path.replaceAll('.', '__').toUpperCase()}`;
}

/**
 * Lays what the environment sets over the file: `SQLTRAIL_<SECTION>__<KEY>` for every setting, and the well-known variables,
 * which yield to those. An empty variable counts as not set. Other variables that begin with `SQLTRAIL_` are let be where they
 * have no `__`: orchestrators set some for a service of that name.
 *
 * @returns What is wrong, as whole sentences without a value.
 */
export function overlayEnvironment(
  layers: ConfigLayers,
  environment: Environment,
  fields: readonly ConfigField[],
): string[] {
  const problems: string[] = [];
  const byPath = new Map(fields.map((field) => [field.path, field]));
  const byVariable = new Map(fields.map((field) => [variableOf(field.path), field]));
  const take = (variable: string, field: ConfigField, text: string) => {
    const setting = settingFromText(field, text);
    if ('problem' in setting) problems.push(`${variable} ${setting.problem}.`);
    else layers.set(field.path, setting.value, { kind: 'environment', variable });
  };
  for (const [variable, path] of Object.entries(WELL_KNOWN_VARIABLES)) {
    const text = environment[variable];
    if (text !== undefined && text !== '' && !isOverruled(variable, path, environment))
      take(variable, byPath.get(path)!, text);
  }
  for (const variable of Object.keys(environment).sort()) {
    const text = environment[variable];
    if (text === undefined || text === '' || !variable.startsWith('SQLTRAIL_')) continue;
    const field = byVariable.get(variable);
    if (field !== undefined) take(variable, field, text);
    else if (variable.includes('__')) problems.push(unknownVariable(variable, byVariable.keys()));
  }
  return problems;
}

/** Whether the product's own variable for the setting, or for the secret's other form, is there too. */
function isOverruled(variable: string, path: string, environment: Environment): boolean {
  const isSet = (name: string) => (environment[name] ?? '') !== '';
  if (isSet(variableOf(path))) return true;
  if (!variable.includes('PASSWORD')) return false;
  return isSet(variableOf('clickhouse.password')) || isSet(variableOf('clickhouse.password_file'));
}

function unknownVariable(variable: string, known: Iterable<string>): string {
  const name = /^[\w.-]{1,100}$/.test(variable) ? variable : 'A variable that begins with SQLTRAIL_';
  const closest = closestName(variable, known);
  return `${name} sets nothing that is known.${closest === null ? '' : ` Did you mean ${closest}?`}`;
}
