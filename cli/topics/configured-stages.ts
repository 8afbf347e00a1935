import type { Config } from '../config/config-schema.ts';

/** The stages of each kind of process that a configuration speaks of. */
export function configuredStages({ process, alerts }: Pick<Config, 'process' | 'alerts'>): string[][] {
  const named: readonly string[] = process.stages;
  const apart = [...(process.identifies_apart ? ['identify'] : []), ...(process.detects_apart ? ['detect'] : [])];
  const others = [...apart, 'store', ...(alerts.sinks.length > 0 ? ['alert'] : [])];
  return [[...named], ...others.filter((stage) => !named.includes(stage)).map((stage) => [stage])];
}
