import { expect, it } from 'vitest';
import { configSchema } from '../../../cli/config/config-schema.ts';
import { DEFAULT_CONFIG } from '../../../cli/config/default-config.ts';

it('has for a command that nobody configured what the schema gives', () => {
  expect(DEFAULT_CONFIG).toEqual(configSchema.parse({}));
});
