import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskErrorMessage } from '../../../processors/mask/error-message.ts';

function masked(message: string, code = 1105): string {
  return maskErrorMessage(Buffer.from(message), code);
}

describe('a masked error message', () => {
  it.each([
    [1062, "Duplicate entry 'bob@x' for key 'users.email'", 'Duplicate entry ? for key ?'],
    [1062, "Duplicate entry 'it's secret' for key 'x' for key 'users.email'", 'Duplicate entry ? for key ?'],
    [1062, "Duplicate entry 'unclosed secr", 'Duplicate entry ?'],
    [1146, "Table 'shop.secret' doesn't exist", "Table ? doesn't exist"],
    [1054, "Unknown column 'x' in 'where clause'", 'Unknown column ? in ?'],
    [
      1045,
      "Access denied for user 'bob'@'10.0.0.1' (using password: YES)",
      'Access denied for user ?@? (using password: YES)',
    ],
    [1366, "Incorrect integer value: 'abc' for column `s`.`t`.`c` at row 17", 'Incorrect integer value: ? at row ?'],
    [
      1213,
      'Deadlock found when trying to get lock; try restarting transaction',
      'Deadlock found when trying to get lock; try restarting transaction',
    ],
    [1242, 'Subquery returns more than 1 row', 'Subquery returns more than ? row'],
    [1305, 'PROCEDURE shop.frobnicate does not exist', 'PROCEDURE ?.? does not exist'],
    [1644, 'insufficient funds of customer', '?'],
    [1105, 'hunter2 sesame \u001b[2J was here', '? was here'],
    [1048, '', ''],
  ])('%i %j', (code, message, expected) => {
    expect(masked(message, code)).toBe(expected);
  });

  it('hides SQL that the server quotes back, quotes and all', () => {
    const start =
      'You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near';
    expect(masked(`${start} ''secret' AND x="other"' at line 12`, 1064)).toBe(`${start} ? at line ?`);
  });

  it('hides the rest of a message that the server cut', () => {
    expect(masked(`Duplicate entry 'x' sesame ${'y'.repeat(480)}' for key 'sesame`)).toBe('Duplicate entry ?');
  });

  it('groups messages that differ in their values', () => {
    expect(masked("Duplicate entry 'a b c' for key 'k'")).toBe(masked("Duplicate entry '17' for key 'other'"));
  });

  it('holds no value of any bytes, throws for none, and is the same when masked twice', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.string({ maxLength: 20 }), (noise, text) => {
        const message = Buffer.concat([
          Buffer.from(noise),
          Buffer.from(`Duplicate entry 'qzxcanary ${text}' for key 'x'`),
        ]);
        const result = maskErrorMessage(message, 1062);
        expect(result).not.toContain('qzxcanary');
        expect(result).toMatch(/^[\x20-\x7e]*$/);
        expect(masked(result)).toBe(result);
      }),
    );
  });
});
