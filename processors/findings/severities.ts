import type { Severity } from '../../schemas/finding.ts';

/** From harmless to worst. */
export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const satisfies readonly Severity[];

/** 0 for `info` to 4 for `critical`. */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

export function worst(severities: Iterable<Severity>): Severity {
  let rank = 0;
  for (const severity of severities) rank = Math.max(rank, severityRank(severity));
  return SEVERITIES[rank]!;
}
