import { AuditEvent, type ConnectionFacts } from '../../schemas/audit-event.ts';
import { SqlText } from '../../schemas/sql-text.ts';
import { Mask } from '../mask/mask.ts';
import { FeatureReader } from './features/feature-reader.ts';
import type { RuleSample } from './rule-schema.ts';

const CONNECTION: ConnectionFacts = {
  uid: '0'.repeat(32),
  serverId: 'sample',
  clientAddress: '192.0.2.1',
  clientPort: 50_000,
  serverAddress: '192.0.2.2',
  serverPort: 3306,
};

/** Makes events of samples, as mask leaves them: nothing of it is stored anywhere. */
export class SampleEvents {
  private readonly mask = new Mask(null, new FeatureReader());

  /** @param sample A statement, or what of an event matters. */
  event(sample: RuleSample): AuditEvent {
    const given = typeof sample === 'string' ? { sql: sample } : sample;
    const event = new AuditEvent({ ...CONNECTION, clientAddress: given.client_address ?? CONNECTION.clientAddress });
    event.command = given.command ?? (given.sql === undefined ? 'connect' : 'query');
    event.userName = given.user_name ?? '';
    event.databaseName = given.database_name ?? '';
    event.clientProgram = given.client_program ?? '';
    event.isTls = given.is_tls ?? false;
    event.errorCode = given.error_code ?? 0;
    event.status = event.errorCode === 0 ? 'ok' : 'error';
    event.errorMessage = given.error_message === undefined ? null : Buffer.from(given.error_message);
    event.localInfileRequested = given.local_infile_requested ?? false;
    event.returnedRows = given.returned_rows ?? 0;
    event.affectedRows = given.affected_rows ?? 0;
    event.responseBytes = given.response_bytes ?? 0;
    event.durationUs = given.duration_us ?? 0;
    if (given.sql !== undefined) {
      const bytes = Buffer.from(given.sql);
      const modes = given.sql_mode ?? [];
      event.statementBytes = bytes.length;
      event.sql = new SqlText(bytes, 0, bytes.length, {
        charset: given.charset ?? 'utf8mb4',
        noBackslashEscapes: modes.includes('NO_BACKSLASH_ESCAPES'),
        ansiQuotes: modes.includes('ANSI_QUOTES'),
      });
    }
    this.mask.apply(event);
    return event;
  }
}
