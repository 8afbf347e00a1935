import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AlertStateFile } from '../../../processors/alert/alert-state-file.ts';
import { Changelog, type Cycle } from '../../../processors/service/changelog.ts';
import { FakeBroker, FakeBus } from './fake-broker.ts';

const cycle = (position: number, texts: Record<string, string>, deleted: readonly string[]): Cycle => ({
  position,
  head: '',
  texts: new Map(Object.entries(texts)),
  blobs: new Map(),
  deleted,
});

/** Opens the same state as each next owner does. */
function topicState(): { open: () => Pick<Changelog, 'restore' | 'write'>; end: () => void } {
  const broker = new FakeBroker(1);
  const open = () => {
    const bus = new FakeBus(broker);
    bus.isImmediate = true;
    return new Changelog(bus, 'state', 'source', 0);
  };
  return { open, end: () => {} };
}

function fileState(): ReturnType<typeof topicState> {
  const folder = mkdtempSync(join(tmpdir(), 'sqltrail-state-'));
  const opened: AlertStateFile[] = [];
  const open = () => {
    const file = new AlertStateFile(join(folder, 'state.ndjson'));
    opened.push(file);
    return file;
  };
  const end = () => {
    for (const file of opened) void file.close();
    rmSync(folder, { recursive: true });
  };
  return { open, end };
}

describe.each([
  ['a topic', topicState],
  ['a file', fileState],
])('state that is kept in %s', (_, made) => {
  it('has a text that is written in the cycle that deletes what could not be read under its key', async () => {
    const { open, end } = made();
    const first = open();
    await first.restore();
    await first.write(cycle(1, { a: 'unreadable', b: 'unreadable too', c: '3' }, []));
    const second = open();
    expect((await second.restore()).texts.size).toBe(3);
    await second.write(cycle(2, { a: '1' }, ['a', 'b']));
    const { texts, position } = await open().restore();
    expect([position, ...[...texts].sort()]).toEqual([2, ['a', '1'], ['c', '3']]);
    end();
  });
});
