import { expect, it } from 'vitest';
import { type ContractBus, expectOrderedCalls, numbered, sorted, texts, until } from './contract-support.ts';
import { RecordingMember } from './recording-member.ts';

/** The part of the contract about groups: who gets which record, and from where. */
export function groupContract({ newBus }: ContractBus): void {
  it('gives every record to every group, and to one member within a group', async () => {
    const { bus, topic } = await newBus();
    const [a1, a2, b1] = [new RecordingMember(), new RecordingMember(), new RecordingMember()];
    await bus.subscribe([topic], 'a', a1);
    await bus.subscribe([topic], 'a', a2);
    await bus.subscribe([topic], 'b', b1);
    await until(() => a1.events.length > 0 && a2.events.length > 0);
    for (let i = 0; i < 30; i++) await bus.send(topic, [numbered(i, i % 3)]);
    await Promise.all([bus.caughtUp(topic, 'a'), bus.caughtUp(topic, 'b')]);
    expect(sorted([...a1.texts, ...a2.texts])).toEqual(texts(0, 30));
    expect(a1.texts.length).toBeGreaterThan(0);
    expect(a2.texts.length).toBeGreaterThan(0);
    expect(sorted(b1.texts)).toEqual(texts(0, 30));
  });

  it('lets nobody into a group who does other work than its members', async () => {
    const { bus, topic } = await newBus();
    const [first, second] = [new RecordingMember({ work: 'a,b' }), new RecordingMember({ work: 'a,b' })];
    const subscriptions = [await bus.subscribe([topic], 'g', first), await bus.subscribe([topic], 'g', second)];
    const other = new RecordingMember({ work: 'a,b,c' });
    await expect(bus.subscribe([topic], 'g', other)).rejects.toMatchObject({ code: 'bus_denied', retriable: false });
    for (let i = 0; i < 9; i++) await bus.send(topic, [numbered(i, i % 3)]);
    await bus.caughtUp(topic, 'g');
    expect(sorted([...first.texts, ...second.texts])).toEqual(texts(0, 9));
    for (const subscription of subscriptions) await subscription.close();
    await bus.subscribe([topic], 'g', other);
    await bus.send(topic, [numbered(9)]);
    await bus.caughtUp(topic, 'g');
    expect(other.texts).toEqual(['9']);
  });

  it('reads several topics as one group', async () => {
    const { bus, topic } = await newBus();
    const { topic: other } = await newBus();
    const member = new RecordingMember();
    await bus.subscribe([topic, other], 'g', member);
    await bus.send(topic, [numbered(1)]);
    await bus.send(other, [numbered(2)]);
    await Promise.all([bus.caughtUp(topic, 'g'), bus.caughtUp(other, 'g')]);
    expect(sorted(member.records.map((record) => `${record.topic} ${record.value}`))).toEqual(
      sorted([`${topic} 1`, `${other} 2`]),
    );
  });

  it('starts a new group at the oldest record that is still kept', async () => {
    const { bus, topic } = await newBus();
    for (let i = 0; i < 3; i++) await bus.send(topic, [numbered(i)]);
    const late = new RecordingMember();
    await bus.subscribe([topic], 'late', late);
    await bus.caughtUp(topic, 'late');
    expect(late.texts).toEqual(['0', '1', '2']);
  });

  it('hands the partitions of a member that leaves to the others, from where it stood', async () => {
    const { bus, topic } = await newBus();
    const [first, second] = [new RecordingMember(), new RecordingMember()];
    const subscription = await bus.subscribe([topic], 'g', first);
    for (let i = 0; i < 6; i++) await bus.send(topic, [numbered(i, i % 3)]);
    await bus.caughtUp(topic, 'g');
    await subscription.close();
    for (let i = 6; i < 12; i++) await bus.send(topic, [numbered(i, i % 3)]);
    await bus.subscribe([topic], 'g', second);
    await bus.caughtUp(topic, 'g');
    expect(sorted(first.texts)).toEqual(texts(0, 6));
    expect(sorted(second.texts)).toEqual(texts(6, 12));
  });

  it('commits what was handled when a membership is closed', async () => {
    const { bus, topic } = await newBus();
    const [first, second] = [new RecordingMember(), new RecordingMember()];
    await bus.send(topic, [numbered(0), numbered(1)]);
    const subscription = await bus.subscribe([topic], 'g', first);
    await until(() => first.records.length === 2);
    await subscription.close();
    expect(first.events.filter((event) => event.startsWith('revoked'))).toHaveLength(3);
    await bus.subscribe([topic], 'g', second);
    await bus.send(topic, [numbered(2)]);
    await bus.caughtUp(topic, 'g');
    expect(second.texts).toEqual(['2']);
  });

  it('gives the group on from the positions that a commit returned, whatever was handled beyond them', async () => {
    const { bus, topic } = await newBus();
    const slow = new RecordingMember({ commit: async () => [{ topic, partition: 0, offset: 2 }] });
    for (let i = 0; i < 5; i++) await bus.send(topic, [numbered(i)]);
    const subscription = await bus.subscribe([topic], 'g', slow);
    await until(() => slow.records.length === 5);
    await subscription.close();
    const next = new RecordingMember();
    await bus.subscribe([topic], 'g', next);
    await bus.caughtUp(topic, 'g');
    expect(next.texts).toEqual(['2', '3', '4']);
  });

  it('shares the partitions anew when a member joins: taken from all, nothing delivered after that, each given once', async () => {
    const { bus, topic } = await newBus();
    const [first, second] = [new RecordingMember(), new RecordingMember()];
    await bus.subscribe([topic], 'g', first);
    for (let i = 0; i < 9; i++) await bus.send(topic, [numbered(i, i % 3)]);
    await bus.caughtUp(topic, 'g');
    await bus.subscribe([topic], 'g', second);
    await until(() => second.events.some((event) => event.startsWith('ready')));
    for (let i = 9; i < 18; i++) await bus.send(topic, [numbered(i, i % 3)]);
    await bus.caughtUp(topic, 'g');
    for (const member of [first, second]) expectOrderedCalls(member);
    expect(sorted([...first.texts, ...second.texts])).toEqual(texts(0, 18));
    expect(second.texts.length).toBeGreaterThan(0);
  });

  it('does not count as caught up while a record is in hand', async () => {
    const { bus, topic } = await newBus();
    let finish = () => {};
    const running = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const member = new RecordingMember({ handle: () => running });
    await bus.subscribe([topic], 'g', member);
    await bus.send(topic, [numbered(0)]);
    let isCaughtUp = false;
    const caughtUp = bus.caughtUp(topic, 'g').then(() => {
      isCaughtUp = true;
    });
    await until(() => member.records.length === 1);
    expect(isCaughtUp).toBe(false);
    finish();
    await caughtUp;
    expect(member.texts).toEqual(['0']);
  });
}
