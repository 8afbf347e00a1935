import { KafkaBus } from '../../../bus/kafka-bus.ts';
import { RecordingMember } from '../../bus/recording-member.ts';

// A member of a group in a process of its own, to be killed: prints `partition offset` of each record it has handled.
const [broker, topic, group] = process.argv.slice(2) as [string, string, string];
const bus = new KafkaBus({
  kafka: { brokers: [broker], clientId: 'sqltrail-test-member' },
  commitMs: 100,
  sessionTimeoutMs: 3_000,
});
const member = new RecordingMember({
  handle: (record) => {
    process.stdout.write(`${record.partition} ${record.offset}\n`);
  },
});
await bus.subscribe([topic], group, member);
