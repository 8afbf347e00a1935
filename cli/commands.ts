import { Command } from 'commander';

interface KnownCommand {
  readonly name: string;
  /** Its line in the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Every command. Each is loaded only when it is called: Kafka, ClickHouse and the capture are no burden to the others. */
export const COMMANDS: readonly KnownCommand[] = [
  {
    name: 'run',
    summary: 'everything in one process: packets in, audit rows out',
    load: async () => (await import('./run.ts')).runCommand(),
  },
  {
    name: 'edge',
    summary: 'capture beside a MySQL server and ship to Kafka',
    load: async () => (await import('./edge.ts')).edgeCommand(),
  },
  {
    name: 'process',
    summary: 'stages between topics, or between a topic and ClickHouse',
    load: async () => (await import('./process.ts')).processCommand(),
  },
  {
    name: 'watch',
    summary: 'ask MySQL servers who is connected: users for old connections',
    load: async () => (await import('./watch.ts')).watchCommand(),
  },
  {
    name: 'query',
    summary: 'ask the audit trail: a saved investigation, or your own SQL',
    load: async () => (await import('./query.ts')).queryCommand(),
  },
  {
    name: 'findings',
    summary: 'what rules found: list it, look into one, decide',
    load: async () => (await import('./findings.ts')).findingsCommand(),
  },
  {
    name: 'migrate',
    summary: "ClickHouse's tables: make them, bring them up to date",
    load: async () => (await import('./migrate.ts')).migrateCommand(),
  },
  {
    name: 'topics',
    summary: "Kafka's topics: create and check them, read one",
    load: async () => (await import('./topics.ts')).topicsCommand(),
  },
  {
    name: 'deadletter',
    summary: 'what could not be read or stored: list it, try it again',
    load: async () => (await import('./deadletter.ts')).deadletterCommand(),
  },
  {
    name: 'alerts',
    summary: 'alert sinks: try whether they take alerts',
    load: async () => (await import('./alerts.ts')).alertsCommand(),
  },
  {
    name: 'rules',
    summary: 'the detection rules: list, show, test, explain',
    load: async () => (await import('./rules.ts')).rulesCommand(),
  },
  {
    name: 'doctor',
    summary: 'check what a configuration names, with cures',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
  {
    name: 'config',
    summary: 'check the settings of a configuration file and the environment',
    load: async () => (await import('./config.ts')).configCommand(),
  },
];

/** The commands for a command line: the one it calls is whole, the others are only known by name. */
export async function commandsFor(args: readonly string[]): Promise<Command[]> {
  const called = args.find((arg) => COMMANDS.some(({ name }) => name === arg));
  return Promise.all(
    COMMANDS.map(async ({ name, summary, load }) =>
      name === called ? (await load()).summary(summary) : new Command(name).summary(summary),
    ),
  );
}
