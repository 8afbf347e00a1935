import type { Verdict } from '../../../processors/detect/rule.ts';
import { NO_VERDICT } from '../../../processors/detect/rule-set.ts';
import { type EventStep, EventSteps, type StepVerdict } from '../../../processors/event-steps.ts';
import type { VerdictSource } from '../../../processors/findings/verdict-source.ts';
import { Mask } from '../../../processors/mask/mask.ts';
import { Outputs } from '../../../processors/service/outputs.ts';
import { stageChain } from '../../../processors/service/stage-chain.ts';
import { StageMember } from '../../../processors/service/stage-member.ts';
import type { AuditEvent } from '../../../schemas/audit-event.ts';
import { madeRule, madeVerdict } from '../findings/made-verdicts.ts';
import { type FakeBroker, FakeBus } from './fake-broker.ts';

const STAGES = ['decode', 'mask', 'detect'];
const EXECUTED = madeVerdict(madeRule('sqli.executed', 'low'));
const LARGE = madeVerdict(madeRule('sqli.executed', 'low'), madeRule('exfil.large', 'high'));

/** Judges by what is there in made messages. */
class FakeDetect implements EventStep, VerdictSource {
  verdict: Verdict = NO_VERDICT;

  apply(event: AuditEvent): StepVerdict {
    this.verdict = event.command !== 'execute' ? NO_VERDICT : event.sequence % 3 === 0 ? LARGE : EXECUTED;
    return 'passed_on';
  }
}

/** One process of `decode,mask,detect`, driven step by step. */
export class FakeProcess {
  readonly bus: FakeBus;
  private readonly broker: FakeBroker;
  readonly member: StageMember;
  /** By partition, the next offset to hand over. */
  readonly next = new Map<number, number>();
  private readonly topic = stageChain(STAGES).input;
  private isCommitting = false;

  private constructor(broker: FakeBroker, bus: FakeBus, member: StageMember) {
    this.broker = broker;
    this.bus = bus;
    this.member = member;
  }

  static async start(broker: FakeBroker): Promise<FakeProcess> {
    const chain = stageChain(STAGES);
    const bus = new FakeBus(broker);
    const outputs = await Outputs.open(bus, chain, null);
    const fail = (error: unknown) => {
      throw error;
    };
    const detect = new FakeDetect();
    const steps = new EventSteps({ mask: new Mask(), detect });
    const parts = { chain, outputs, steps, detect, nowMs: () => 0, fail };
    return new FakeProcess(broker, bus, new StageMember(bus, parts, null));
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
