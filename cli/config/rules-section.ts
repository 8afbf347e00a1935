import { z } from 'zod';

const id = () => z.string().min(1).max(64);
const path = () => z.string().min(1).max(4096);

export const rulesSection = z.strictObject({
  folders: z
    .array(path())
    .max(64)
    .default([])
    .describe(
      'Folders with rules of your own (*.yml), beside those that come with the program; one with the same id replaces it.',
    ),
  disable: z.array(id()).max(1000).default([]).describe('Ids of rules that are left out.'),
  override: z
    .array(
      z
        .strictObject({
          rule: id().describe('Id of the rule.'),
          level: z
            .enum(['info', 'low', 'medium', 'high', 'critical'])
            .describe('Level of its matches; escalations can still raise it.'),
        })
        .describe('Another level for one rule.'),
    )
    .max(1000)
    .default([])
    .describe('Rules whose level is another here.'),
  suppressions: path()
    .optional()
    .describe('File of suppressions: matches that are not to be found again, each with a reason and an expiry.'),
});
