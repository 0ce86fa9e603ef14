import type { Row } from './table.ts';

const tests = ['test/unit/process/ready-events.long.test.ts'];

/** Rows about events of ready images. */
export const eventsTable: readonly Row[] = [
  {
    file: 'lambda/process/announce.ts',
    from: "announced.set(assignment, 'again');",
    to: "announced.set(assignment, 'done');",
    loses: 'no event is sent for an image while the event bus is unavailable',
    tests,
  },
  {
    file: 'lambda/process/announce.ts',
    from: 'readyEvents.send(ready, deadline.record), deadline.record)',
    to: 'readyEvents.send(ready, deadline.answer), deadline.answer)',
    loses: 'a message is received again after the visibility timeout while the event bus hangs',
    tests,
  },
  {
    file: 'lambda/process/claim-batch.ts',
    from: "      return 'ready';\n",
    to: "      return 'done';\n",
    loses: 'a message that is received again sends no event of its ready image',
    tests,
  },
  {
    file: 'lambda/aws/ready-events.ts',
    from: 'return EventId === undefined',
    to: "return ErrorCode === 'none'",
    loses: 'an event is lost when one entry of a call fails',
    tests: [...tests, 'test/unit/aws/ready-events.test.ts'],
  },
];
