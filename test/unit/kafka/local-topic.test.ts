import { expect, it } from 'vitest';
import { localTopic } from '../../../local/kafka/local-topic.ts';

it.each([
  ['localhost:9092', { brokers: ['localhost:9092'], name: 'sluice-image-events' }],
  ['a:9092,b.example:9093/events.v1', { brokers: ['a:9092', 'b.example:9093'], name: 'events.v1' }],
  ['', undefined],
  [undefined, undefined],
])('SLUICE_KAFKA=%s names a topic', (given, expected) => {
  expect(localTopic(given)).toEqual(expected);
});

it.each(['localhost', 'localhost:9092/a/b', 'kafka://localhost:9092', 'a:9092,', 'a:9092/'])(
  'SLUICE_KAFKA=%s is a mistake',
  (given) => {
    expect(() => localTopic(given)).toThrow('SLUICE_KAFKA');
  },
);
