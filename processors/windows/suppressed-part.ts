import type { Finding } from '../../schemas/finding.ts';
import { parseIsoTime } from '../../schemas/parse-iso-time.ts';
import type { Suppressions } from '../detect/suppressions.ts';

/** Whether suppressions cover what a scheduled detection found: where they name a statement, every one of its samples must be of it. */
export function isSuppressedPart(suppressions: Suppressions, part: Finding): boolean {
  if (suppressions.isEmpty) return false;
  const facts = {
    timeUs: parseIsoTime(part.first_seen) ?? 0,
    user: part.user_name,
    client: part.client_address,
    clientProgram: part.client_program,
    database: part.database_name,
  };
  const digests = new Set(part.samples.map((sample) => sample.statement_digest));
  if (digests.size === 0) digests.add('');
  return [...digests].every((digest) => suppressions.covers(part.rule_id, { ...facts, digest }));
}
