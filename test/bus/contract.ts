import { afterEach, describe } from 'vitest';
import type { Bus } from '../../bus/bus.ts';
import { groupContract } from './group-contract.ts';
import { memberContract } from './member-contract.ts';
import { recordContract } from './record-contract.ts';

/** How a test gets a bus, and topics of three partitions that hold nothing yet. The bus commits some times a second. */
export interface BusUnderTest {
  open(): Promise<Bus>;
  newTopic(): Promise<string>;
}

/** What every bus promises. Each implementation runs these tests, word for word the same. */
export function busContract(name: string, underTest: BusUnderTest): void {
  describe(`bus contract: ${name}`, () => {
    const open: Bus[] = [];
    const newBus = async () => {
      const bus = await underTest.open();
      open.push(bus);
      return { bus, topic: await underTest.newTopic() };
    };
    afterEach(async () => {
      await Promise.all(open.splice(0).map((bus) => bus.close()));
    });
    recordContract({ newBus });
    groupContract({ newBus });
    memberContract({ newBus });
  });
}
