import type { Completeness, ParameterValue } from '../../schemas/audit-event.ts';
import type { SqlText } from '../../schemas/sql-text.ts';

/** A statement the server keeps for a connection, from its PREPARE to its CLOSE. */
export class PreparedStatement {
  readonly sql: SqlText;
  /** True length of the text, also where it was cut. */
  readonly statementBytes: number;
  /** How many parameters it has; null where the answer to its PREPARE was not captured. */
  readonly parameters: number | null;
  /** What executes of it say: that its text is cut, or may be another's. */
  completeness: Completeness = 'complete';
  /** Types of the last EXECUTE that sent them: type in the low byte, flags in the high one. */
  types: Uint16Array | null = null;
  /** Capture time of its PREPARE or of the last command that named it. */
  usedUs: number;
  /** Values sent ahead by SEND_LONG_DATA, by parameter; null when there are none. */
  longData: Map<number, ParameterValue> | null = null;
  /** Its client uses SEND_LONG_DATA. */
  hasLongData = false;
  /** Gaps of the client, as `ConnectionState` counts them, when long data was last known to be empty. */
  clientGaps = 0;

  constructor(sql: SqlText, statementBytes: number, parameters: number | null, usedUs: number) {
    this.usedUs = usedUs;
    this.sql = sql;
    this.statementBytes = statementBytes;
    this.parameters = parameters;
  }
}
