import type { Row } from './table.ts';

const sink = 'lambda/relay/sinks/event-bridge.ts';
const tests = ['test/unit/relay/event-bridge.test.ts'];

/** Rows about the events of images. */
export const eventsTable: readonly Row[] = [
  {
    file: sink,
    from: 'if (answer === false) held.add(event.subject);',
    to: '',
    loses: 'the events of an image arrive out of order after one that EventBridge did not take',
    tests,
  },
  {
    file: sink,
    from: 'return reasons.length === 0;',
    to: 'return true;',
    loses: 'an event that EventBridge did not take counts as sent',
    tests,
  },
  {
    file: sink,
    from: "event.type !== 'image.ready'",
    to: 'false',
    loses: 'rules for ready images hear of images that are not ready',
    tests,
  },
  {
    file: 'lambda/relay/offer.ts',
    from: 'answers.every((answer) => answer === false)',
    to: '!answers.includes(true)',
    loses: 'an event that a sink refuses for good pauses the relay for all others',
    tests: ['test/unit/relay/relay.test.ts'],
  },
  {
    file: 'lambda/aws/event-buses.ts',
    from: 'return EventId === undefined',
    to: "return ErrorCode === 'none'",
    loses: 'an event is lost when one entry of a call fails',
    tests: ['test/unit/aws/event-buses.test.ts'],
  },
];
