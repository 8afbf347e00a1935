import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOPIC } from '../../../schemas/topics.ts';
import { parseLines, runCli } from '../../support/cli.ts';
import { certificateFor } from '../../support/kafka-security.ts';
import { EdgeRig } from './edge-rig.ts';

const SHOP = 'demo/shop.pcap';
const PASSWORD = 'correct horse battery';

let rig: EdgeRig;
let files: { ca: string; cert: string; key: string };
let clientFolder: string;

beforeAll(async () => {
  clientFolder = mkdtempSync(join(tmpdir(), 'sqltrail-client-'));
  const { key, certificate: cert } = certificateFor(clientFolder);
  rig = await EdgeRig.start({ security: { users: { edge: PASSWORD }, clientAuthority: readFileSync(cert, 'utf8') } });
  const ca = join(clientFolder, 'ca.pem');
  writeFileSync(ca, rig.kafka.ca);
  files = { ca, cert, key };
  for (const topic of [TOPIC.messages, TOPIC.ledger]) rig.kafka.allow('edge', topic, { seesSettings: false });
});
afterAll(async () => {
  rmSync(clientFolder, { recursive: true });
  await rig.stop();
});

/** An edge's settings for the broker's secure listener. */
function settings(name: string, mechanism: string, password: string): string {
  const passwordFile = join(rig.folder, `${name}.password`);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  return rig.config(
    name,
    {},
    {
      brokers: rig.kafka.secureBrokers,
      tls: { enabled: true, ca_file: files.ca, cert_file: files.cert, key_file: files.key },
      sasl: { mechanism, username: 'edge', password_file: passwordFile },
    },
  );
}

describe('an edge at brokers with TLS, client certificates, logins and rights', () => {
  it.each(['scram-sha-512', 'plain'])('brings a whole file with %s, and its ledger', async (mechanism) => {
    const { code, stderr } = await runCli([
      'edge',
      '--read',
      SHOP,
      '--config',
      settings(mechanism, mechanism, PASSWORD),
    ]);
    expect(stderr).toContain('messages in');
    expect(code).toBe(0);
    const { stdout } = await runCli([
      'run',
      '--read',
      SHOP,
      '--store',
      'none',
      '--format',
      'ndjson',
      '--dangerously-keep-raw',
    ]);
    const expected = new Set(parseLines(stdout).map((row) => row['event_id']));
    expect(new Set((await rig.events()).map((row) => row.event_id)).size).toBe(expected.size);
    expect((await rig.ledger(mechanism)).length).toBeGreaterThan(3);
  });

  it('ends with a sentence and no password where the login is refused', async () => {
    const wrong = 'wrong-staple-9931';
    const { code, stderr } = await runCli([
      'edge',
      '--read',
      SHOP,
      '--config',
      settings('refused', 'scram-sha-512', wrong),
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/refused the login/);
    expect(stderr).not.toContain(wrong);
  });
});
