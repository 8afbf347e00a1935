import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaAdmin } from '../../bus/kafka-admin.ts';
import { freePort } from './free-port.ts';
import { type KafkaSecurity, securityFiles } from './kafka-security.ts';
import { madeOnce } from './made-once.ts';
import { ensureInstalled } from './packages.ts';

const START_LIMIT_MS = 90_000;
const HOST = '127.0.0.1';

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>sqltrail</groupId><artifactId>kafka-for-tests</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.1.0</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>4.1.0</version></dependency>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.24.3</version></dependency>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>2.24.3</version></dependency>
</dependencies></project>`;

/** Apache Kafka 4.1 and its tools; downloaded once, about 60 MB. @returns A class path. */
function kafkaClassPath(): string {
  ensureInstalled('java', 'mvn');
  const version = createHash('sha256').update(POM).digest('hex').slice(0, 16);
  const folder = madeOnce(`kafka-${version}`, (partial) => {
    writeFileSync(join(partial, 'pom.xml'), POM);
    const goals = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=libs'];
    execFileSync('mvn', goals, { cwd: partial, stdio: ['ignore', 'ignore', 'inherit'] });
  });
  return join(folder, 'libs', '*');
}

/** Brokers for a test that only uses them: those of `KAFKA_BROKERS`, or one of its own. */
export async function brokersForTest(): Promise<{ brokers: string[]; stop(): Promise<void> }> {
  const given = process.env['KAFKA_BROKERS'];
  if (given !== undefined && given !== '') return { brokers: given.split(','), stop: async () => {} };
  return KafkaServer.start();
}

/** Runs a tool of Kafka. @returns What it prints. */
export function runKafkaTool(mainClass: string, args: readonly string[], input = ''): string {
  return execFileSync('java', [...javaArguments('256m'), mainClass, ...args], {
    encoding: 'utf8',
    input,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function javaArguments(heap: string): string[] {
  return [`-Xmx${heap}`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', kafkaClassPath()];
}

/** A private Kafka broker, alone in its cluster: own ports, own data, 512 MiB of heap. */
export class KafkaServer {
  /** Without TLS and login; whoever comes in here may do everything. */
  readonly brokers: string[];
  /** With TLS and SCRAM; empty without `security`. */
  readonly secureBrokers: string[];
  readonly #folder: string;
  #process: ChildProcess | null = null;

  private constructor(folder: string, port: number, securePort: number | null) {
    this.#folder = folder;
    this.brokers = [`${HOST}:${port}`];
    this.secureBrokers = securePort === null ? [] : [`${HOST}:${securePort}`];
  }

  /**
   * @param options.settings Lines of server.properties of one's own.
   * @throws Error with the broker's own log when it does not come up in 90 s.
   */
  static async start(
    options: { security?: KafkaSecurity; settings?: Readonly<Record<string, string>> } = {},
  ): Promise<KafkaServer> {
    const folder = mkdtempSync(join(tmpdir(), 'sqltrail-kafka-'));
    const [port, controllerPort] = [await freePort(HOST), await freePort(HOST)];
    const securePort = options.security === undefined ? null : await freePort(HOST);
    const server = new KafkaServer(folder, port, securePort);
    const secure = options.security === undefined ? null : securityFiles(folder, options.security);
    const properties = {
      'process.roles': 'broker,controller',
      'node.id': '1',
      'controller.quorum.bootstrap.servers': `${HOST}:${controllerPort}`,
      listeners: [
        `PLAINTEXT://${HOST}:${port}`,
        `CONTROLLER://${HOST}:${controllerPort}`,
        ...(securePort === null ? [] : [`SASL_SSL://${HOST}:${securePort}`]),
      ].join(','),
      'controller.listener.names': 'CONTROLLER',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL',
      'log.dirs': join(folder, 'data'),
      'auto.create.topics.enable': 'false',
      'offsets.topic.replication.factor': '1',
      'offsets.topic.num.partitions': '1',
      'transaction.state.log.replication.factor': '1',
      'transaction.state.log.min.isr': '1',
      'group.initial.rebalance.delay.ms': '0',
      'group.min.session.timeout.ms': '1000',
      ...secure?.properties,
      ...options.settings,
    };
    writeFileSync(
      join(folder, 'server.properties'),
      Object.entries(properties)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    writeFileSync(join(folder, 'log4j2.properties'), LOG_SETTINGS);
    mkdirSync(join(folder, 'data'));
    try {
      const id = runKafkaTool('kafka.tools.StorageTool', ['random-uuid']).trim();
      const format = ['format', '-t', id, '-c', join(folder, 'server.properties'), '--standalone'];
      runKafkaTool('kafka.tools.StorageTool', [...format, ...(secure?.formatArguments ?? [])]);
      await server.up();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Starts the broker, again on its data and ports. */
  async up(): Promise<void> {
    const log = openSync(join(this.#folder, 'broker.log'), 'a');
    const settings = [join(this.#folder, 'log4j2.properties'), join(this.#folder, 'server.properties')] as const;
    const args = [...javaArguments('512m'), `-Dlog4j2.configurationFile=${settings[0]}`, 'kafka.Kafka', settings[1]];
    const child = spawn('java', args, { stdio: ['ignore', log, log] });
    // A test run that is cut off leaves no broker behind.
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    this.#process = child;
    await this.#waitUntilReady();
  }

  /** Stops the broker in order, or at once with `SIGKILL`; its data stays. */
  async down(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }

  async stop(): Promise<void> {
    await this.down('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** PEM of what signed the certificate of `secureBrokers`. */
  get ca(): string {
    return readFileSync(join(this.#folder, 'cert.pem'), 'utf8');
  }

  /** Lets a user read and write a topic, and be in groups whose names begin with `group`. */
  allow(user: string, topic: string, options: { seesSettings: boolean } = { seesSettings: true }): void {
    const base = ['--bootstrap-server', this.brokers[0]!, '--add', '--allow-principal', `User:${user}`];
    const names = ['Read', 'Write', 'Describe', ...(options.seesSettings ? ['DescribeConfigs'] : [])];
    const operations = names.flatMap((each) => ['--operation', each]);
    runKafkaTool('org.apache.kafka.tools.AclCommand', [...base, ...operations, '--topic', topic]);
    const groups = ['--operation', 'Read', '--group', 'group', '--resource-pattern-type', 'prefixed'];
    runKafkaTool('org.apache.kafka.tools.AclCommand', [...base, ...groups]);
  }

  async #waitUntilReady(): Promise<void> {
    for (let waitedMs = 0; waitedMs < START_LIMIT_MS; waitedMs += 200) {
      if (this.#process?.exitCode !== null) break;
      try {
        const admin = await KafkaAdmin.connect({ brokers: this.brokers, clientId: 'sqltrail-test' });
        await admin.close();
        return;
      } catch {
        await sleep(200);
      }
    }
    throw new Error(`Kafka did not come up:\n${readFileSync(join(this.#folder, 'broker.log'), 'utf8').slice(-4_000)}`);
  }
}

const LOG_SETTINGS = `rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = [%d] %p %m (%c)%n
`;
