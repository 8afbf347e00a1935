import { type DestinationStream, pino } from 'pino';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent';

/** Facts beside a sentence. Never SQL text, values or passwords. */
export type LogFields = Readonly<
  Record<string, string | number | boolean | null | undefined | readonly (string | number)[]>
>;

/** What a service says: sentences with fields. */
export interface Log {
  error(sentence: string, fields?: LogFields): void;
  warn(sentence: string, fields?: LogFields): void;
  info(sentence: string, fields?: LogFields): void;
  debug(sentence: string, fields?: LogFields): void;
}

/** Fields that are never written, whoever passes them. */
const SECRET_FIELDS = [
  'password',
  'secret',
  'token',
  'authorization',
  'sql',
  'statement',
  'statement_raw',
  'parameters',
];
/** A field from the network may be long; a line of log need not be. */
const MAX_TEXT = 1024;
/** What could move a terminal's cursor, hide or reorder text; JSON escapes only the first 32. */
const HIDDEN = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/**
 * A log of JSON lines: level, time, service, sentence (`msg`) and fields. Text is cut at 1,024 characters, and characters that
 * would act on a terminal are escaped. The only module that imports pino.
 *
 * @param destination Standard error unless given; written synchronously, so that the last line before an end is there.
 */
export function openLog(
  service: string,
  level: LogLevel,
  destination: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Log {
  const logger = pino(
    {
      level,
      base: { service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS, censor: '(hidden)' },
    },
    { write: (line: string) => destination.write(line.replace(HIDDEN, escaped)) },
  );
  return {
    error: (sentence, fields) => logger.error(cut(fields), sentence.slice(0, MAX_TEXT)),
    warn: (sentence, fields) => logger.warn(cut(fields), sentence.slice(0, MAX_TEXT)),
    info: (sentence, fields) => logger.info(cut(fields), sentence.slice(0, MAX_TEXT)),
    debug: (sentence, fields) => logger.debug(cut(fields), sentence.slice(0, MAX_TEXT)),
  };
}

function cut(fields: LogFields | undefined): LogFields {
  if (fields === undefined) return {};
  const kept: Record<string, LogFields[string]> = {};
  for (const [name, value] of Object.entries(fields)) {
    kept[name] = typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  }
  return kept;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
