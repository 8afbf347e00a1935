import type { Alert } from '../../schemas/alert.ts';
import type { Finding } from '../../schemas/finding.ts';

/** Commands that show what is behind findings of one campaign. Every value in them is quoted for a shell. */
export function investigations(findings: readonly Finding[]): string[] {
  const [first] = findings;
  if (first === undefined) return [];
  const commands = [
    command('who-ran-what', {
      server: first.server_id,
      user: first.user_name,
      client: first.client_address,
      since: first.window_start,
      until: first.window_end,
    }),
  ];
  const sample = findings.flatMap(({ samples }) => samples)[0];
  if (sample !== undefined) commands.push(command('session', { connection: sample.connection_uid }));
  return commands;
}

/** The template with `{name}` replaced by fields of the alert, and of its first finding, encoded for an address. */
export function alertUrl(template: string, alert: Alert): string {
  const [finding] = alert.findings;
  const fields: Readonly<Record<string, unknown>> = { ...finding, ...alert };
  return template.replace(/\{([a-z_]+)\}/g, (_, name: string) => {
    const value = fields[name];
    return typeof value === 'string' || typeof value === 'number' ? encodeURIComponent(String(value)) : '';
  });
}

function command(query: string, options: Readonly<Record<string, string>>): string {
  const given = Object.entries(options).filter(([, value]) => value !== '');
  return ['sqltrail query', query, ...given.map(([name, value]) => `--${name}=${shellWord(value)}`)].join(' ');
}

/** Text as one word of a POSIX shell, whatever it holds. */
function shellWord(text: string): string {
  return /^[\w.:@%+/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
