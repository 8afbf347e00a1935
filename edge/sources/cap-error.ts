import { SqltrailError } from '../../runtime/errors.ts';
import { CAP_MODULE_MISSING, CAP_OPEN_FAILED } from './cap-protocol.ts';
import type { CaptureProcessEnd } from './capture-process.ts';
import { interfaceNames } from './interface-names.ts';

/** What the end of a `cap` child that was not asked to end means to a person. */
export function capError(interfaceName: string, end: CaptureProcessEnd): SqltrailError {
  const lines = end.stderr.split('\n');
  const missing = after(lines, CAP_MODULE_MISSING);
  if (missing !== null) {
    return new SqltrailError(
      'capture_unavailable',
      `the module cap cannot be loaded: ${missing}`,
      'Install libpcap-dev and a C++ compiler, then run npm rebuild cap (npm install cap where it is absent); or capture with --capture tcpdump.',
    );
  }
  const refused = after(lines, CAP_OPEN_FAILED);
  if (refused !== null && /permission|not permitted/i.test(refused)) {
    return new SqltrailError(
      'capture_permission',
      `this user may not capture on ${interfaceName}`,
      'Run as root, or allow this Node.js to capture: sudo setcap cap_net_raw,cap_net_admin+eip $(readlink -f $(command -v node))',
    );
  }
  if (refused !== null && /no such device|doesn't exist|not up/i.test(refused)) {
    return new SqltrailError(
      'interface_unknown',
      refused.includes('not up') ? `interface ${interfaceName} is not up` : `there is no interface ${interfaceName}`,
      `Give one of these with --interface: ${interfaceNames().join(', ')}.`,
    );
  }
  if (refused !== null) {
    return new SqltrailError(
      'capture_failed',
      `cap cannot capture on ${interfaceName}: ${refused}`,
      'Capture with --capture tcpdump.',
    );
  }
  const how = end.signalName === null ? `exit status ${end.exitCode}` : `signal ${end.signalName}`;
  return new SqltrailError(
    'capture_failed',
    `cap on ${interfaceName} ended by itself (${how})`,
    'Start again; where it happens again, capture with --capture tcpdump.',
    { retriable: true },
  );
}

function after(lines: readonly string[], prefix: string): string | null {
  const line = lines.find((candidate) => candidate.startsWith(prefix));
  return line === undefined ? null : line.slice(prefix.length);
}
