import type { Severity } from '../../schemas/finding.ts';
import { severityRank } from './severities.ts';

/** What the score of a finding is made of. */
export interface ScoreInput {
  readonly severity: Severity;
  /** The greatest of its rules, 0 to 1. */
  readonly confidence: number;
  /** How many rules matched. */
  readonly rules: number;
  readonly events: number;
  /** Events that the server carried out. */
  readonly accepted: number;
  readonly returnedRows: number;
  readonly affectedRows: number;
}

/** By `severityRank`. */
const BASE = [5, 20, 40, 60, 80];

/**
 * Risk from 0 to 100, for the order in which findings are looked at:
 *
 *   base × confidence + volume + breadth + effect, at most 100
 *
 * base: info 5, low 20, medium 40, high 60, critical 80. volume: 2 for each power of ten of events, at most 8. breadth: 2 for each
 * rule after the first, at most 6. effect: 3 where the server carried out any of it, 3 more where it returned or changed rows.
 * The view `findings` has the same formula in SQL (0021_findings_view.sql).
 */
export function findingScore(input: ScoreInput): number {
  const base = BASE[severityRank(input.severity)]! * input.confidence;
  const volume = Math.min(8, 2 * Math.floor(Math.log10(Math.max(1, input.events)) + 1e-9));
  const breadth = Math.min(6, 2 * Math.max(0, input.rules - 1));
  const hasRows = input.returnedRows + input.affectedRows > 0;
  const effect = input.accepted > 0 ? (hasRows ? 6 : 3) : 0;
  return Math.min(100, Math.floor(base + volume + breadth + effect));
}
