import { describe, expect, it } from 'vitest';
import { StdoutSink } from '../../../../processors/alert/sinks/stdout-sink.ts';
import { HOSTILE, madeAlert } from '../made-alert.ts';

describe('standard output', () => {
  it('gets one line of JSON', async () => {
    let written = '';
    const output = {
      write: (text: string, done: () => void) => {
        written += text;
        done();
      },
    };
    const alert = madeAlert({ user: HOSTILE });
    await new StdoutSink(output).send(alert);
    expect(written.split('\n')).toHaveLength(2);
    expect(JSON.parse(written)).toEqual(alert);
  });
});
