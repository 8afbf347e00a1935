import { SqltrailError } from '../../runtime/errors.ts';
import type { CaptureProcessEnd } from './capture-process.ts';
import { interfaceNames } from './interface-names.ts';

/**
 * What the end of a tcpdump that was not asked to end means to a person.
 * @param end How it ended, or the error that running it threw; errors that are not about the process pass unchanged.
 */
export function tcpdumpError(interfaceName: string, end: CaptureProcessEnd | unknown): unknown {
  if (!isProcessEnd(end)) return startError(end);
  const { stderr } = end;
  if (/no such device|doesn't exist|that device is not up|No such interface/i.test(stderr)) {
    return new SqltrailError(
      'interface_unknown',
      stderr.includes('not up') ? `interface ${interfaceName} is not up` : `there is no interface ${interfaceName}`,
      `Give one of these with --interface: ${interfaceNames().join(', ')}.`,
    );
  }
  if (/permission|not permitted/i.test(stderr)) {
    return new SqltrailError(
      'capture_permission',
      `this user may not capture on ${interfaceName}`,
      'Run as root, or allow tcpdump to capture: sudo setcap cap_net_raw+eip $(command -v tcpdump)',
    );
  }
  return new SqltrailError(
    'capture_failed',
    `tcpdump on ${interfaceName} ended by itself (${reason(end)})`,
    'Run the same tcpdump by hand to see why it stops, then start again; nothing was captured since it ended.',
    { retriable: true },
  );
}

function startError(error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !String(error.syscall).startsWith('spawn')) return error;
  return new SqltrailError(
    'capture_unavailable',
    'code' in error && error.code === 'ENOENT'
      ? 'tcpdump is not installed'
      : `tcpdump cannot be started: ${error.message}`,
    'Install it (apt install tcpdump, dnf install tcpdump), or capture with --capture cap.',
    { cause: error },
  );
}

/** The last line that is neither a greeting nor a counter. */
function reason(end: CaptureProcessEnd): string {
  const lines = end.stderr
    .split('\n')
    .filter((line) => line !== '' && !/listening on|^\d+ packets?|packets captured/.test(line));
  const last = lines.at(-1)?.replace(/^tcpdump: /, '');
  return last ?? (end.signalName === null ? `exit status ${end.exitCode}` : `signal ${end.signalName}`);
}

function isProcessEnd(end: unknown): end is CaptureProcessEnd {
  return typeof end === 'object' && end !== null && 'isUnexpected' in end;
}
