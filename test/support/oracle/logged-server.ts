import type { RowDataPacket } from 'mysql2/promise';
import type { LoggedCommand } from '../general-log.ts';

/** A database server that writes down every command it received. */
export interface LoggedServer {
  readonly name: 'MariaDB' | 'MySQL';
  readonly host: string;
  readonly port: number;
  /** Runs statements as root where no packet capture sees them; rows of the last one. */
  sql(...statements: string[]): Promise<RowDataPacket[]>;
  /** Every command that came over TCP since the log was cleared, in the server's order. */
  generalLog(): Promise<LoggedCommand[]>;
  clearGeneralLog(): Promise<void>;
  stop(): Promise<void>;
}
