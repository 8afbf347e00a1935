/** Writes the JSON Schemas of the public topics beside this file: `node --import tsx schemas/json/write.ts`. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { publicSchemas } from './public-schemas.ts';

for (const [name, schema] of publicSchemas())
  writeFileSync(new URL(name, import.meta.url), JSON.stringify(schema, null, 2));
execFileSync('npx', ['biome', 'format', '--write', fileURLToPath(new URL('.', import.meta.url))], { stdio: 'inherit' });
