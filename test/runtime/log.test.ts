import { describe, expect, it } from 'vitest';
import { SqltrailError } from '../../runtime/errors.ts';
import { failureFields } from '../../runtime/failure-fields.ts';
import { type Log, type LogLevel, openLog } from '../../runtime/log.ts';

function lines(write: (log: Log) => void, level: LogLevel = 'info'): string[] {
  const written: string[] = [];
  write(openLog('edge', level, { write: (line: string) => void written.push(line) }));
  return written;
}

describe('the log of a service', () => {
  it('is one JSON object a line: level, time, service, sentence, fields', () => {
    const [line = ''] = lines((log) => log.warn('Kafka does not answer.', { topic: 't', attempts: 3 }));
    expect(line.endsWith('}\n')).toBe(true);
    expect(JSON.parse(line)).toMatchObject({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      service: 'edge',
      msg: 'Kafka does not answer.',
      topic: 't',
      attempts: 3,
    });
  });

  it('leaves out what is less important than its level', () => {
    const all = (log: Log) => {
      log.debug('d');
      log.info('i');
      log.warn('w');
      log.error('e');
    };
    expect(lines(all, 'warn').map((line) => JSON.parse(line).msg)).toEqual(['w', 'e']);
    expect(lines(all, 'silent')).toEqual([]);
  });

  it('holds no character that acts on a terminal', () => {
    const nasty = 'a\u001b[31m\n\u009b\u202e\u2028\u0000';
    const [line = ''] = lines((log) => log.info(nasty, { server: nasty }));
    expect(line.trimEnd()).toMatch(/^[ -~]*$/);
    expect(JSON.parse(line)).toMatchObject({ msg: nasty, server: nasty });
  });

  it('cuts long text', () => {
    const [line = ''] = lines((log) => log.info('x'.repeat(9000), { name: 'y'.repeat(9000) }));
    expect(line.length).toBeLessThan(2500);
  });

  it('hides fields that must not be there', () => {
    const [line = ''] = lines((log) =>
      log.info('s', { password: 'hunter2', sql: 'SELECT hunter2', statement: 'hunter2' }),
    );
    expect(line).not.toContain('hunter2');
  });
});

describe('a failure in the log', () => {
  it('is told in full where a person wrote the sentence', () => {
    const error = new SqltrailError('bus_denied', 'Kafka refuses the login.', 'Check user and password.');
    expect(failureFields(error)).toEqual({
      code: 'bus_denied',
      problem: 'Kafka refuses the login.',
      cure: 'Check user and password.',
    });
  });

  it('is only its kind and place where the message may quote data', () => {
    let failure: unknown;
    try {
      JSON.parse('{"password": hunter2');
    } catch (error) {
      failure = error;
    }
    const fields = failureFields(failure);
    expect(fields['kind']).toBe('SyntaxError');
    expect(fields['stack']).toContain('log.test.ts');
    expect(JSON.stringify(fields)).not.toContain('hunter2');
    expect(JSON.stringify(failureFields(new Error('in SELECT hunter2\n    from hunter2')))).not.toContain('hunter2');
    expect(failureFields('SELECT hunter2')).toEqual({ kind: 'string' });
  });
});
