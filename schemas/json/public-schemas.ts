import { z } from 'zod';
import { alertSchema } from '../alert.ts';
import { auditSchema } from '../audit-schema.ts';
import { deadLetterSchema } from '../dead-letter-schema.ts';
import { findingSchema } from '../finding.ts';
import { ledgerLineSchema } from '../ledger-schema.ts';
import { sessionRecordSchema } from '../session-record.ts';
import { TOPIC } from '../topics.ts';

/** What others read: its file here, what it is, and its schema. */
const PUBLIC = [
  // A reader must not fail on a field that a later version adds: only what is there is described.
  [
    'audit',
    lineOf(TOPIC.audit),
    auditSchema.omit({ statement_raw: true, parameters: true, query_attributes: true }).strip(),
  ],
  ['finding', lineOf(TOPIC.findings), findingSchema],
  ['ledger', lineOf(TOPIC.ledger), ledgerLineSchema],
  ['session', lineOf(TOPIC.sessions), sessionRecordSchema],
  ['dead-letter', lineOf(TOPIC.deadLetter), deadLetterSchema],
  ['alert', 'Body of an alert webhook', alertSchema],
] as const;

/** JSON Schemas (draft 2020-12) of the public topics and of alerts, by file name. */
export function publicSchemas(): ReadonlyMap<string, Record<string, unknown>> {
  return new Map(
    PUBLIC.map(([name, title, schema]) => {
      const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
      return [`${name}.schema.json`, { $schema, title, ...rest }];
    }),
  );
}

function lineOf(topic: string): string {
  return `One line of a record of ${topic}`;
}
