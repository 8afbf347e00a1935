import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../cli/config/load-config.ts';
import { misfitsOf } from '../support/command-line.ts';

interface Service {
  readonly image: string;
  readonly build?: { readonly target: string };
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly configs: Readonly<Record<string, { readonly file: string }>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose: Compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true });
const services = Object.entries(compose.services);
const ours = services.filter(([, { image }]) => image.startsWith('sqltrail-'));

/** The configuration with a password file that is there. */
function config() {
  return loadConfig('deploy/compose/sqltrail.yml', { SQLTRAIL_CLICKHOUSE__PASSWORD_FILE: 'deploy/compose/.gitignore' });
}

describe('docker-compose.yml', () => {
  it('gives every sqltrail service a command line that the program takes', async () => {
    expect(ours.map(([name]) => name).sort()).toEqual(['edge', 'migrate', 'process', 'query', 'store', 'topics']);
    for (const [name, service] of ours) {
      const line = service.command ?? service.entrypoint?.slice(service.entrypoint.indexOf('sqltrail') + 1) ?? [];
      expect([name, await misfitsOf(line)]).toEqual([name, []]);
    }
  });

  it('waits only for services that exist and can say what is waited for', () => {
    for (const [name, { depends_on = {} }] of services) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        const waited = compose.services[other];
        expect([name, other, waited !== undefined]).toEqual([name, other, true]);
        if (condition === 'service_healthy') expect([other, waited?.healthcheck !== undefined]).toEqual([other, true]);
      }
    }
  });

  it('names only volumes, secrets and configurations that it defines, and files that are there', () => {
    for (const [, service] of services) {
      for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets)).toContain(secret);
      for (const { source } of service.configs ?? []) expect(Object.keys(compose.configs)).toContain(source);
      for (const volume of service.volumes ?? []) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('.')) expect([source, existsSync(source)]).toEqual([source, true]);
        else expect(Object.keys(compose.volumes)).toContain(source);
      }
    }
    for (const { file } of Object.values(compose.configs)) expect([file, existsSync(file)]).toEqual([file, true]);
  });

  it('has its secrets made by make-secrets.sh, each in a file that git does not take', () => {
    const script = readFileSync('deploy/compose/make-secrets.sh', 'utf8');
    expect(readFileSync('deploy/compose/.gitignore', 'utf8')).toContain('secrets/');
    for (const [name, { file }] of Object.entries(compose.secrets)) {
      expect(file).toBe(`./deploy/compose/secrets/${name}`);
      expect(script).toContain(name);
    }
  });

  it('builds images that the Dockerfile has', () => {
    const stages = [...readFileSync('Dockerfile', 'utf8').matchAll(/^FROM \S+ AS (\S+)$/gm)].map((match) => match[1]);
    for (const [, { build, image }] of ours) {
      expect(stages).toContain(build?.target);
      expect(image).toBe(`sqltrail-${build?.target}`);
    }
  });

  it('runs every stage of the chain once', () => {
    const stages = ours.flatMap(([, { command = [] }]) => {
      const at = command.indexOf('--stages');
      return at < 0 ? [] : command[at + 1]!.split(',');
    });
    expect(stages).toEqual(['decode', 'identify', 'mask', 'detect', 'store']);
  });

  it('comes with a configuration that the program takes, for these brokers, this server and this port', () => {
    const { kafka, clickhouse, edge, http } = config();
    expect(kafka.brokers).toEqual(['kafka:9092']);
    expect(compose.services['kafka']?.image).toMatch(/^apache\/kafka:4\.1\./);
    expect(new URL(clickhouse.url ?? '').hostname).toBe('clickhouse');
    expect(edge.spool.directory?.startsWith('/var/lib/sqltrail/')).toBe(true);
    for (const [name, { healthcheck }] of ours) {
      if (healthcheck === undefined) continue;
      expect([name, healthcheck.test.join(' ')]).toEqual([name, expect.stringContaining(`:${http.port}/readyz`)]);
    }
  });
});
