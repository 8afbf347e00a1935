import { z } from 'zod';
import { type AddressRange, addressRange } from './address-range.ts';

const moment = z
  .string()
  .max(40)
  .refine(
    (text) => !Number.isNaN(Date.parse(text)) && /^\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:\d\d))?$/.test(text),
    {
      message: 'must be a date as 2030-12-31, or a time as 2030-12-31T08:00:00Z',
    },
  );

/** One suppression: matches of the rules that it covers are left out. Every field that is given has to fit. */
const suppressionSchema = z
  .strictObject({
    rules: z
      .array(z.string().min(1).max(64))
      .min(1)
      .max(256)
      .optional()
      .describe('Ids; `sqli.*` for an area. Without it every rule'),
    user: z.string().max(256).optional().describe('Account of the session'),
    client: z
      .string()
      .max(64)
      .refine((text) => addressRange(text) !== null, { message: 'must be an address or a network as 10.0.0.0/8' })
      .optional(),
    client_program: z.string().max(256).optional(),
    digest: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'must be a statement_digest')
      .optional(),
    database: z.string().max(256).optional(),
    hours: z
      .string()
      .regex(/^(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be as 22:00-04:00, in UTC')
      .optional()
      .describe('Time of day, UTC'),
    reason: z.string().trim().min(1).max(1024).describe('Why; required, so that the next reader knows'),
    expires: moment.describe('From when on it no longer counts, by the time of the event'),
  })
  .refine(
    ({ rules, user, client, client_program, digest, database }) =>
      [rules, user, client, client_program, digest, database].some((field) => field !== undefined),
    {
      message: 'must say what it covers: rules, user, client, client_program, digest or database',
    },
  );

export const suppressionFileSchema = z.strictObject({ suppressions: z.array(suppressionSchema).max(1000) });

export type Suppression = z.infer<typeof suppressionSchema>;

/** What a suppression looks at, of an event or of a finding; what is not known is empty. */
export interface SuppressibleFacts {
  readonly timeUs: number;
  readonly user: string;
  readonly client: string;
  readonly clientProgram: string;
  readonly digest: string;
  readonly database: string;
}

interface Ready {
  readonly ids: ReadonlySet<string> | null;
  readonly areas: readonly string[];
  readonly suppression: Suppression;
  readonly client: AddressRange | null;
  readonly expiresUs: number;
  /** Minutes of the day; null: all day. */
  readonly hours: readonly [number, number] | null;
}

const MINUTE_US = 60_000_000;
const DAY_MINUTES = 24 * 60;

/** What is not to be found again, for a while. Time is the event's, so that a replay decides the same. */
export class Suppressions {
  private readonly all: readonly Ready[];

  constructor(suppressions: readonly Suppression[]) {
    this.all = suppressions.map(ready);
  }

  get isEmpty(): boolean {
    return this.all.length === 0;
  }

  covers(ruleId: string, facts: SuppressibleFacts): boolean {
    return this.all.some((one) => covers(one, ruleId, facts));
  }
}

function ready(suppression: Suppression): Ready {
  const { rules, client, expires, hours } = suppression;
  const minutes = hours?.split('-').map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))) ?? null;
  return {
    suppression,
    ids: rules === undefined ? null : new Set(rules),
    areas: (rules ?? []).filter((rule) => rule.endsWith('.*')).map((rule) => rule.slice(0, -1)),
    client: client === undefined ? null : addressRange(client),
    expiresUs: Date.parse(expires) * 1000,
    hours: minutes === null ? null : [minutes[0]!, minutes[1]!],
  };
}

function covers(one: Ready, ruleId: string, facts: SuppressibleFacts): boolean {
  const { suppression, ids } = one;
  if (facts.timeUs >= one.expiresUs) return false;
  if (ids !== null && !ids.has(ruleId) && !one.areas.some((area) => ruleId.startsWith(area))) return false;
  if (suppression.user !== undefined && suppression.user !== facts.user) return false;
  if (one.client !== null && !one.client.holds(facts.client)) return false;
  if (suppression.client_program !== undefined && suppression.client_program !== facts.clientProgram) return false;
  if (suppression.digest !== undefined && suppression.digest !== facts.digest) return false;
  if (suppression.database !== undefined && suppression.database !== facts.database) return false;
  return one.hours === null || isWithin(one.hours, Math.floor(facts.timeUs / MINUTE_US) % DAY_MINUTES);
}

/** From the first minute on, up to the second, over midnight where that is smaller. */
function isWithin([from, to]: readonly [number, number], minute: number): boolean {
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}
