import { expect, it } from 'vitest';
import { embeddedMetrics } from '../../../lambda/runtime/embedded-metrics.ts';

it('each value is a line of its own in CloudWatch’s embedded metric format', () => {
  const lines: string[] = [];
  const metrics = embeddedMetrics('Shop-Images', {
    write: (line) => lines.push(line),
    now: () => 1_700_000_000_000,
  });
  metrics.add('EventsRefused', { Sink: 'webhooks' });
  metrics.add('OldestSnapshotSeconds', {}, 2.5);
  expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
  const directive = (name: string, unit: string, ...dimensions: string[]) => ({
    Timestamp: 1_700_000_000_000,
    CloudWatchMetrics: [
      {
        Namespace: 'Sluice',
        Dimensions: [['Pipeline', ...dimensions]],
        Metrics: [{ Name: name, Unit: unit }],
      },
    ],
  });
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      _aws: directive('EventsRefused', 'Count', 'Sink'),
      Pipeline: 'Shop-Images',
      Sink: 'webhooks',
      EventsRefused: 1,
    },
    {
      _aws: directive('OldestSnapshotSeconds', 'Seconds'),
      Pipeline: 'Shop-Images',
      OldestSnapshotSeconds: 2.5,
    },
  ]);
});
