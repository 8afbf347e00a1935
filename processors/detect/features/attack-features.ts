import { FEATURE_INDEX, type FeatureName } from '../../../schemas/feature-names.ts';

const NAMES: readonly FeatureName[] = [
  'tautology',
  'constant_comparison',
  'constant_branch',
  'constant_subselect',
  'union_constants',
  'union_system',
  'union_catalogue',
  'union_concat',
  'union_padding',
  'union_credentials',
  'time_in_condition',
  'error_function',
  'blind_probe',
  'marker_concat',
  'constant_elt',
  'stacked_statement',
  'comment_residue',
  'versioned_keyword',
  'foreign_dialect',
  'writes_executable',
  'load_server_code',
  'command_function',
  'grant_table_write',
  'drop_database',
  'password_hash_read',
];

/** Features that make a text within a statement an attack by itself. */
export const ATTACK_FEATURES: readonly number[] = NAMES.map((name) => FEATURE_INDEX.get(name)!);

const FIRST_DEED = FEATURE_INDEX.get('reads_catalogue' satisfies FeatureName)!;
const LAST_DEED = FEATURE_INDEX.get('weaken_config' satisfies FeatureName)!;

/** Features that say what a statement reads, writes or changes: one that is given as text does that too. */
export const DEED_FEATURES: readonly number[] = [...FEATURE_INDEX.values()].filter(
  (index) => index >= FIRST_DEED && index <= LAST_DEED,
);
