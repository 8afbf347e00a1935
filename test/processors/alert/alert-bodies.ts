import type { BusRecord } from '../../../bus/bus.ts';
import { AlertTask } from '../../../processors/alert/alert-task.ts';
import { SinkGate } from '../../../processors/alert/sink-gate.ts';
import { alertmanagerAlerts } from '../../../processors/alert/sinks/alertmanager-alerts.ts';
import { mailSubject, mailText } from '../../../processors/alert/sinks/mail-text.ts';
import { slackText } from '../../../processors/alert/sinks/slack-text.ts';
import { StdoutSink } from '../../../processors/alert/sinks/stdout-sink.ts';
import { syslogMessages } from '../../../processors/alert/sinks/syslog-message.ts';
import type { Alert } from '../../../schemas/alert.ts';

const MINUTE_MS = 60_000;
const SOURCE = { facility: 13, host: 'h', processId: 1, version: '0.1.0' };
const RULES = {
  minimumLevel: 'info',
  groupWaitMs: 0,
  groupIntervalMs: 0,
  urlTemplate: 'https://siem/?u={user_name}&d={database_name}&p={client_program}&t={title}',
  describeRule: () => '',
} as const;

/** What the stage makes of records of findings: alerts one by one, a summary of those beyond one in a minute, and its state. */
export async function alertBodies(records: readonly BusRecord[]) {
  const gate = { minimumLevel: 'info', maxWaiting: 1e6 } as const;
  const gates = [
    new SinkGate({ name: 'all', maxPerMinute: 1e6, ...gate }),
    new SinkGate({ name: 'one', maxPerMinute: 1, ...gate }),
  ];
  const task = new AlertTask('findings', 0, RULES, new Map(gates.map((each) => [each.name, each])), new Map());
  let nowMs = MINUTE_MS;
  for (const [offset, record] of records.entries()) {
    task.handle({ ...record, offset }, nowMs);
    task.tick(nowMs);
  }
  nowMs += 2 * MINUTE_MS;
  task.tick(nowMs);
  const alerts = task.deliveries.takeMade().map(({ alert }) => alert);
  const state = [...task.findings.takeChanged().values(), ...task.deliveries.takeChanged().values()];
  const bodies: Record<string, string> = { state: state.join('\n') };
  for (const alert of alerts)
    for (const [sink, body] of Object.entries(await bodiesOf(alert))) bodies[sink] = `${bodies[sink] ?? ''}${body}\n`;
  return { alerts, bodies };
}

async function bodiesOf(alert: Alert): Promise<Record<string, string>> {
  let printed = '';
  const output = {
    write: (text: string, done: () => void) => {
      printed += text;
      done();
    },
  };
  await new StdoutSink(output).send(alert);
  return {
    webhook: JSON.stringify(alert),
    slack: slackText(alert),
    alertmanager: JSON.stringify(alertmanagerAlerts(alert, 0)),
    syslog: Buffer.concat(syslogMessages(alert, SOURCE, 65_507)).toString(),
    mail: `${mailSubject(alert)}\n${mailText(alert)}`,
    stdout: printed,
  };
}
