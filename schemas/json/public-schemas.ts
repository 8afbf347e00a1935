import { z } from 'zod';
import { auditSchema } from '../audit-schema.ts';
import { deadLetterSchema } from '../dead-letter-schema.ts';
import { findingSchema } from '../finding.ts';
import { ledgerLineSchema } from '../ledger-schema.ts';
import { sessionRecordSchema } from '../session-record.ts';
import { TOPIC } from '../topics.ts';

/** Each public topic: its file here, and the schema of one line of its records. */
const PUBLIC = [
  // A reader must not fail on a field that a later version adds: only what is there is described.
  ['audit', TOPIC.audit, auditSchema.omit({ statement_raw: true, parameters: true, query_attributes: true }).strip()],
  ['finding', TOPIC.findings, findingSchema],
  ['ledger', TOPIC.ledger, ledgerLineSchema],
  ['session', TOPIC.sessions, sessionRecordSchema],
  ['dead-letter', TOPIC.deadLetter, deadLetterSchema],
] as const;

/** JSON Schemas (draft 2020-12) of the public topics, by file name. */
export function publicSchemas(): ReadonlyMap<string, Record<string, unknown>> {
  return new Map(
    PUBLIC.map(([name, topic, schema]) => {
      const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
      return [`${name}.schema.json`, { $schema, title: `One line of a record of ${topic}`, ...rest }];
    }),
  );
}
