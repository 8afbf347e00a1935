import type { ServiceOptions } from '../../runtime/service.ts';
import type { Config } from './config-schema.ts';

/** What a service of this name needs beside its work. */
export function serviceOptions(name: string, config: Config): ServiceOptions {
  return {
    name,
    logLevel: config.log.level,
    http: config.http,
    shutdownDeadlineMs: config.shutdown_deadline_s * 1000,
  };
}
