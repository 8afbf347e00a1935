import { randomBytes } from 'node:crypto';
import type { Alert } from '../../schemas/alert.ts';
import { isoTime } from '../../schemas/iso-time.ts';

/** An alert that is about nothing: whether a sink takes any. */
export function testAlert(nowMs: number): Alert {
  const time = isoTime(nowMs * 1000);
  return {
    format: 'sqltrail.alert.v1',
    alert_id: randomBytes(16).toString('hex'),
    kind: 'test',
    time,
    severity: 'info',
    title: 'A test of this alert sink: nothing has happened',
    server_id: '',
    user_name: '',
    client_address: '',
    window_start: time,
    window_end: time,
    findings: [],
    summary: null,
    investigations: [],
    url: null,
  };
}
