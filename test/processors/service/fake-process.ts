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
import { DrivenMember } from './driven-member.ts';
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

/** One process of `decode,mask,detect`. */
export class FakeProcess extends DrivenMember<StageMember> {
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
    return new FakeProcess(broker, bus, new StageMember(bus, parts, null), chain.input);
  }
}
