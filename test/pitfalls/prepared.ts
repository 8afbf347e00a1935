import { COLUMN, packet } from '../support/conversation.ts';

export const prepare = (sql: string) => packet(0, '16', Buffer.from(sql));
/** PREPARE_OK of statement 5 without columns, and the definitions of its parameters. */
export const prepared = (parameters: number) =>
  Buffer.concat([
    packet(1, '00 05000000 0000', Buffer.from([parameters, 0]), '00 0000'),
    ...Array.from({ length: parameters }, (_, i) => packet(2 + i, COLUMN)),
  ]);
export const execute = (...rest: (string | Buffer)[]) => packet(0, '17 05000000 00 01000000', ...rest);
