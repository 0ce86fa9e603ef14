import type { Row } from './table.ts';

const sink = 'lambda/relay/sinks/event-bridge.ts';
const tests = ['test/unit/relay/event-bridge.test.ts'];

/** Rows about the events of images. */
export const eventsTable: readonly Row[] = [
  {
    file: sink,
    from: 'if (failed.length > 0) refused.add(event.subject);',
    to: '',
    loses: 'the events of an image arrive out of order after one that EventBridge refused',
    tests,
  },
  {
    file: sink,
    from: 'accepted.set(event, failed.length === 0);',
    to: 'accepted.set(event, true);',
    loses: 'an event that EventBridge refused counts as sent',
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
    file: 'lambda/aws/event-buses.ts',
    from: 'return EventId === undefined',
    to: "return ErrorCode === 'none'",
    loses: 'an event is lost when one entry of a call fails',
    tests: ['test/unit/aws/event-buses.test.ts'],
  },
];
