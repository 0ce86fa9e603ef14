import type { Row } from './table.ts';

const tests = ['test/unit/process/ready-events.test.ts'];

/** The same of the events that tell of images that are ready. */
export const eventsTable: readonly Row[] = [
  {
    file: 'lambda/process/announce.ts',
    from: "announced.set(assignment, 'again');",
    to: "announced.set(assignment, 'done');",
    loses: 'nobody is told of an image while the event bus is away',
    tests,
  },
  {
    file: 'lambda/process/announce.ts',
    from: 'readyEvents.send(ready, deadline.record), deadline.record)',
    to: 'readyEvents.send(ready, deadline.answer), deadline.answer)',
    loses: 'a message comes back after the visibility timeout where the event bus hangs',
    tests,
  },
  {
    file: 'lambda/process/claim-batch.ts',
    from: "      return 'ready';\n",
    to: "      return 'done';\n",
    loses: 'a message that comes back tells nobody that its image is ready',
    tests,
  },
  {
    file: 'lambda/aws/ready-events.ts',
    from: 'return EventId === undefined',
    to: "return ErrorCode === 'none'",
    loses: 'an event that one entry of a call lost is lost for good',
    tests: [...tests, 'test/unit/aws/ready-events.test.ts'],
  },
];
