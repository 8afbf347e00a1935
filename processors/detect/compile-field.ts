import { FEATURE_INDEX, FEATURE_NAMES } from '../../schemas/feature-names.ts';
import { EVENT_FIELDS, type EventField, STATEMENT_FIELDS } from './event-fields.ts';
import { allOf, anyOf, DEPENDS, NO, type Predicate, YES } from './predicate.ts';

type Value = string | number | boolean;

/** What is wrong with a field of a selection, in words that may follow its path. */
export class FieldProblem extends Error {
  /** Names one of which may have been meant. */
  readonly known: readonly string[];
  readonly wrong: string;

  constructor(message: string, wrong = '', known: readonly string[] = []) {
    super(message);
    this.wrong = wrong;
    this.known = known;
  }
}

/** Fields of a rule: those of the event, and `features`. */
export const FIELD_NAMES: readonly string[] = ['features', ...STATEMENT_FIELDS.keys(), ...EVENT_FIELDS.keys()];

const TEXT_MODIFIERS = ['contains', 'startswith', 'endswith'] as const;
const NUMBER_MODIFIERS = ['gt', 'gte', 'lt', 'lte'] as const;

/**
 * One line of a selection: `field|modifier: value` or a list of values, any of which will do, or with `|all` every one. Text compares
 * whatever the case.
 *
 * @throws FieldProblem
 */
export function compileField(key: string, given: Value | readonly Value[]): Predicate {
  const [name, ...modifiers] = key.split('|') as [string, ...string[]];
  const values = Array.isArray(given) ? (given as readonly Value[]) : [given as Value];
  const isAll = modifiers.at(-1) === 'all';
  if (isAll) modifiers.pop();
  if (modifiers.length > 1) throw new FieldProblem('has more than one modifier beside all');
  const modifier = modifiers[0] ?? null;
  const parts = values.map((value) => single(name, modifier, value));
  return isAll ? allOf(parts) : anyOf(parts);
}

function single(name: string, modifier: string | null, value: Value): Predicate {
  if (name === 'features') return feature(modifier, value);
  const ofStatement = STATEMENT_FIELDS.get(name);
  if (ofStatement !== undefined) {
    const test = textTest(modifier, value);
    return ({ statement }) => {
      if (statement === null) return NO;
      const found = ofStatement.read(statement);
      if (typeof found === 'string') return test(found.toLowerCase()) ? YES : NO;
      return found.some((item) => test(item.toLowerCase())) ? YES : NO;
    };
  }
  const field = EVENT_FIELDS.get(name);
  if (field === undefined) throw new FieldProblem('is no field', name, FIELD_NAMES);
  const test = eventTest(field, modifier, value);
  return ({ event }) => (event === null ? DEPENDS : test(event) ? YES : NO);
}

function feature(modifier: string | null, value: Value): Predicate {
  if (modifier !== null) throw new FieldProblem('knows no modifier but all');
  const index = typeof value === 'string' ? FEATURE_INDEX.get(value) : undefined;
  if (index === undefined) throw new FieldProblem('names an unknown feature', String(value), FEATURE_NAMES);
  return ({ features }) => (features.has(index) ? YES : NO);
}

function eventTest(
  field: EventField,
  modifier: string | null,
  value: Value,
): (event: Parameters<EventField['read']>[0]) => boolean {
  if (field.type === 'text') {
    const test = textTest(modifier, value);
    return (event) => test(field.read(event).toLowerCase());
  }
  if (field.type === 'flag') {
    if (modifier !== null) throw new FieldProblem('is true or false and knows no modifier');
    if (typeof value !== 'boolean') throw new FieldProblem('must be true or false');
    return (event) => field.read(event) === value;
  }
  if (typeof value !== 'number') throw new FieldProblem('must be a number');
  const { read } = field;
  switch (modifier) {
    case null:
      return (event) => read(event) === value;
    case 'gt':
      return (event) => read(event) > value;
    case 'gte':
      return (event) => read(event) >= value;
    case 'lt':
      return (event) => read(event) < value;
    case 'lte':
      return (event) => read(event) <= value;
    default:
      throw new FieldProblem('is a number and knows no such modifier', modifier, NUMBER_MODIFIERS);
  }
}

/** A test of a text in lower case. */
function textTest(modifier: string | null, value: Value): (text: string) => boolean {
  if (typeof value !== 'string') throw new FieldProblem('must be text: put it in quotes');
  const wanted = value.toLowerCase();
  switch (modifier) {
    case null:
      // Sigma's wildcards would be taken for themselves in silence.
      if (/[*]/.test(wanted))
        throw new FieldProblem('holds *, but there are no wildcards: use contains, startswith, endswith');
      return (text) => text === wanted;
    case 'contains':
      return (text) => text.includes(wanted);
    case 'startswith':
      return (text) => text.startsWith(wanted);
    case 'endswith':
      return (text) => text.endsWith(wanted);
    default:
      throw new FieldProblem('is text and knows no such modifier', modifier, TEXT_MODIFIERS);
  }
}
