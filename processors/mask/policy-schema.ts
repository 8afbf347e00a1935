import { z } from 'zod';

const name = () => z.string().min(1).max(256);

/** Section `masking` of the configuration. Without it, or with all of it left out, every literal is masked and no event dropped. */
export const maskingPolicySchema = z.strictObject({
  keep: z
    .array(z.enum(['limits', 'numbers', 'constants']))
    .default([])
    .describe(
      'Literals that are shown: limits (numbers after LIMIT and OFFSET), numbers (all in decimal digits), constants (NULL, TRUE, FALSE and DEFAULT in lists, where they fold otherwise).',
    ),
  tokens: z
    .strictObject({
      strings: z
        .enum(['columns', 'all'])
        .default('columns')
        .describe('Which strings become tokens: those compared with or written to the columns below, or all.'),
      columns: z
        .array(z.string().regex(/^(\*|[^.*]+)\.[^.*]+$/, 'must be table.column or *.column'))
        .max(1000)
        .default([])
        .describe('Columns whose values become tokens where the statement names the column beyond doubt.'),
      keys: z
        .array(
          z
            .strictObject({
              id: z
                .string()
                .regex(/^[a-z][a-z0-9]{0,7}$/, 'must be a letter and up to 7 letters or digits, in lower case')
                .describe('Name of the key in every token it makes.'),
              file: z
                .string()
                .min(1)
                .max(4096)
                .describe('File with at least 32 random bytes, in hex or base64 or as they are.'),
            })
            .describe('A key and its name.'),
        )
        .max(16)
        .default([])
        .refine((keys) => new Set(keys.map((key) => key.id)).size === keys.length, 'ids of keys must differ')
        .describe(
          'The first makes tokens; older ones are known still. To rotate, put a new one in front. Without one there are no tokens.',
        ),
    })
    .refine(({ strings, columns, keys }) => keys.length > 0 || (strings === 'columns' && columns.length === 0), {
      path: ['keys'],
      message: 'is empty: without a key there are no tokens',
    })
    .prefault({})
    .describe('Values as keyed hashes, so that equal values can be found without being seen.'),
  drop: z
    .array(
      z
        .strictObject({
          user: name().optional().describe('Login name of the session.'),
          database: name().optional().describe('Default database of the session.'),
          table: name()
            .optional()
            .describe('database.table or table: dropped where the statement uses no other table.'),
        })
        .refine((rule) => Object.keys(rule).length > 0, 'names no user, database or table')
        .describe('All that it names must match.'),
    )
    .max(1000)
    .default([])
    .describe(
      'Events that are dropped, and counted as such, where all that a rule names matches. Refused logins never are.',
    ),
});
