import { SqltrailError } from '../../runtime/errors.ts';
import type { Investigation, QueryParameter } from './investigation.ts';
import { parseTime } from './parse-time.ts';

const MAX_UINT32 = 4_294_967_295;

/**
 * The values an investigation runs with: those given on the command line, its defaults for the rest.
 *
 * @param given Filter values by parameter name, as typed.
 * @param nowMs For times relative to now.
 * @throws SqltrailError `query_invalid` for a filter the investigation does not have, one it needs, or a bad value.
 */
export function bindParameters(
  investigation: Investigation,
  given: ReadonlyMap<string, string>,
  nowMs: number,
): Record<string, string | number> {
  const { name, parameters } = investigation;
  const flags = parameters.map((parameter) => `--${parameter.name}`).join(', ');
  for (const option of given.keys()) {
    if (!parameters.some((parameter) => parameter.name === option)) {
      throw new SqltrailError('query_invalid', `${name} has no filter --${option}.`, `It takes ${flags}.`);
    }
  }
  const bound: Record<string, string | number> = {};
  for (const parameter of parameters) {
    const value = given.get(parameter.name);
    if (value === undefined && parameter.defaultValue === null) {
      throw new SqltrailError(
        'query_invalid',
        `${name} needs --${parameter.name}.`,
        `Run it as: sqltrail query ${name} --${parameter.name} ${parameter.name.toUpperCase()}`,
      );
    }
    bound[parameter.name] =
      value === undefined
        ? asBound(parameter, parameter.defaultValue ?? '')
        : asBound(parameter, parsed(parameter, value, nowMs));
  }
  return bound;
}

function parsed(parameter: QueryParameter, value: string, nowMs: number): string {
  if (parameter.type.startsWith('DateTime64')) return parseTime(`--${parameter.name}`, value, nowMs);
  if (parameter.type === 'UInt32' && !(/^\d{1,10}$/.test(value) && Number(value) >= 1 && Number(value) <= MAX_UINT32)) {
    throw new SqltrailError(
      'query_invalid',
      `The value of --${parameter.name} is no whole number from 1 to ${MAX_UINT32}.`,
      `Write it like --${parameter.name} 100.`,
    );
  }
  return value;
}

function asBound(parameter: QueryParameter, value: string): string | number {
  return parameter.type === 'UInt32' ? Number(value) : value;
}
