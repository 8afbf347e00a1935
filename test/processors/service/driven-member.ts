import type { GroupMember } from '../../../bus/bus.ts';
import type { FakeBroker, FakeBus } from './fake-broker.ts';

/** A member of a group in a process of its own, driven step by step. */
export class DrivenMember<Member extends GroupMember> {
  readonly bus: FakeBus;
  readonly member: Member;
  /** By partition, the next offset to hand over. */
  readonly next = new Map<number, number>();
  protected readonly broker: FakeBroker;
  protected readonly topic: string;
  private isCommitting = false;

  protected constructor(broker: FakeBroker, bus: FakeBus, member: Member, topic: string) {
    this.broker = broker;
    this.bus = bus;
    this.member = member;
    this.topic = topic;
  }

  /** @param sends After so many requests the process dies in the middle of it. */
  async assign(partition: number, committed: ReadonlyMap<number, number>, sends: number): Promise<void> {
    this.bus.isImmediate = true;
    this.bus.sendsLeft = sends;
    const assigned = this.member.assigned(this.topic, partition).then((start) => {
      this.next.set(partition, start ?? committed.get(partition) ?? 0);
    });
    await Promise.race([assigned, settled()]);
    this.bus.isImmediate = false;
  }

  /** Hands over the next records of each partition. */
  async handle(count: number): Promise<void> {
    for (const [partition, from] of this.next) {
      for (const record of this.broker.records(this.topic, partition).slice(from, from + count)) {
        await Promise.race([this.member.handle(record), settled()]);
        this.next.set(partition, record.offset + 1);
      }
    }
  }

  /** Begins a commit where none is under way. @param moved Told of the offsets that are to be committed. */
  commit(moved: (partition: number, offset: number) => void): void {
    if (this.isCommitting) return;
    this.isCommitting = true;
    void this.member.commit().then((positions) => {
      this.isCommitting = false;
      for (const { partition, offset } of positions) moved(partition, offset);
    });
  }

  async deliver(requests: number): Promise<void> {
    for (let i = 0; i < requests; i++) {
      this.bus.deliver();
      await settled();
    }
  }

  revoke(partition: number): void {
    if (this.next.delete(partition)) this.member.revoked(this.topic, partition);
  }
}

export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
