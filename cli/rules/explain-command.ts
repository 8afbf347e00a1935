import { readFileSync } from 'node:fs';
import { SampleEvents } from '../../processors/detect/sample-event.ts';
import { FEATURES, type FeatureName } from '../../schemas/feature-names.ts';
import type { Config } from '../config/config-schema.ts';
import { loadDetection } from '../detection/load-detection.ts';
import { visibleText } from '../output/visible-text.ts';

/** How the server that the statement is for reads it. */
export interface ExplainOptions {
  readonly ansiQuotes: boolean;
  readonly backslashEscapes: boolean;
  readonly charset: string;
}

/** Says what the rules make of a statement and why. Shows it masked; nothing is stored. @param given `-` for standard input. */
export async function explainStatement(given: string, options: ExplainOptions, config: Config): Promise<void> {
  const sql = given === '-' ? readFileSync(0, 'utf8') : given;
  const event = new SampleEvents().event({
    sql,
    charset: options.charset,
    sql_mode: [
      ...(options.ansiQuotes ? (['ANSI_QUOTES'] as const) : []),
      ...(options.backslashEscapes ? [] : (['NO_BACKSLASH_ESCAPES'] as const)),
    ],
  });
  const { rules } = await loadDetection(config);
  const { matches, riskLevel } = rules.judge(event);
  const names = (event.features?.names() ?? []) as FeatureName[];
  const lines = [
    `masked  ${event.statement?.masked ?? ''}`,
    `kind    ${event.statement?.kind ?? ''}${event.statement?.tables.length ? `, tables ${event.statement.tables.join(', ')}` : ''}`,
    `risk    ${riskLevel}`,
    '',
    names.length === 0 ? 'No features.' : 'Features:',
    ...names.map((name) => `  ${name}: ${FEATURES[name]}`),
    '',
    matches.length === 0 ? 'No rules fire.' : 'Rules:',
    ...matches.map(({ rule, level }) => `  ${rule.id} (${level}): ${rule.title}`),
  ];
  process.stdout.write(`${lines.map(visibleText).join('\n')}\n`);
}
