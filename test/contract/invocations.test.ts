import { describe, expect, it } from 'vitest';
import { operationNames, readEvent } from '../../lambda/migrate/event.ts';
import type { Dependencies } from '../../lambda/sweep/dependencies.ts';
import { createHandler } from '../../lambda/sweep/handler.ts';
import { text } from '../infra/reading.ts';
import { synthesise } from '../infra/synthesis.ts';
import { invocation } from '../unit/process/workshop.ts';
import { recordings } from './recordings.ts';

describe('an event for migrate', () => {
  it.each(recordings('migrate'))('the event $name for migrate is understood in full', ({ message }) => {
    expect(readEvent(message)).toEqual(message);
  });

  it('an event of each operation is recorded', () => {
    const recorded = recordings('migrate').map(
      ({ message }) => (message as { operation?: string }).operation,
    );
    expect(operationNames.filter((name) => !recorded.includes(name))).toEqual([]);
  });

  it('an event that an output suggests is recorded', () => {
    const outputs = synthesise().pipeline.toJSON().Outputs as Record<string, { Value: unknown }>;
    const [, payload = ''] = /--payload '([^']+)'/.exec(text(outputs.MakeTenant?.Value)) ?? [];
    expect(recordings('migrate').map(({ message }) => message)).toContainEqual(JSON.parse(payload));
  });
});

describe('an event of the schedule', () => {
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent, remember() {}, forget() {} };

  it.each(recordings('schedule'))('the event $name of the schedule starts a sweep', async ({ message }) => {
    // Without time for a single duty it needs nothing around it.
    const database = { close: async () => undefined };
    const handler = createHandler({ log, database, retention: {} } as unknown as Dependencies);
    const report = await handler(
      message,
      invocation(() => 0),
    );
    expect(new Set(Object.values(report))).toEqual(new Set(['skipped']));
  });
});
