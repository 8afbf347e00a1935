import { Command } from 'commander';
import { type AlertSink, failureText } from '../../processors/alert/alert-sink.ts';
import { testAlert } from '../../processors/alert/test-alert.ts';
import { SqltrailError } from '../../runtime/errors.ts';
import { alertSink } from '../config/alert-sink.ts';
import { type ConfigArguments, configFrom, configOption } from '../options/config-options.ts';
import { printToStdout } from '../output/stdout.ts';

/** `sqltrail alerts test [SINK]`. */
export function testCommand(): Command {
  return new Command('test')
    .description('send a test alert to the sinks of the configuration, and say which took it')
    .argument('[sink]', 'name of one sink; without it all of them')
    .addOption(configOption())
    .action((sink: string | undefined, args: ConfigArguments) => test(sink, args));
}

async function test(only: string | undefined, args: ConfigArguments): Promise<void> {
  const { alerts } = await configFrom(args);
  const chosen = alerts.sinks.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0)
    throw new SqltrailError(
      'config_invalid',
      only === undefined ? 'No alert sink is configured.' : 'There is no alert sink of that name.',
      alerts.sinks.length === 0
        ? 'Name one under alerts.sinks in the file of --config; docs/alerts.md has them all.'
        : `Give one of: ${alerts.sinks.map(({ name }) => name).join(', ')}.`,
    );
  const warn = (sentence: string) => process.stderr.write(`sqltrail: ${sentence}\n`);
  let failed = 0;
  for (const settings of chosen) {
    const sink = alertSink(settings, `alerts.sinks[${alerts.sinks.indexOf(settings)}]`, warn);
    const problem = await problemOf(sink, alerts.timeout_ms);
    if (problem !== null) failed++;
    // What a sink on standard output says is not mixed with words.
    const say = settings.kind === 'stdout' ? (text: string) => process.stderr.write(text) : printToStdout;
    await say(`${settings.name} (${settings.kind}): ${problem ?? 'took the test alert.'}\n`);
  }
  if (failed > 0)
    throw new SqltrailError(
      'sink_failed',
      `${failed} of ${chosen.length} alert sinks did not take the test alert.`,
      'Check their addresses, secrets and certificates under alerts.sinks.',
    );
}

async function problemOf(sink: AlertSink, timeoutMs: number): Promise<string | null> {
  try {
    await sink.send(testAlert(Date.now()), AbortSignal.timeout(timeoutMs));
    return null;
  } catch (error) {
    return failureText(error);
  } finally {
    await sink.close();
  }
}
