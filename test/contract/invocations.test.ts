import { describe, expect, it } from 'vitest';
import { checkEvent } from '../../lambda/migrate/event.ts';
import { operationNames, readEvent } from '../../lambda/operate/event.ts';
import type { Dependencies } from '../../lambda/sweep/dependencies.ts';
import { createHandler } from '../../lambda/sweep/handler.ts';
import { text } from '../infra/reading.ts';
import { synthesise } from '../infra/synthesis.ts';
import { invocation } from '../unit/process/test-worker.ts';
import { recordings } from './recordings.ts';

/** Operations were recorded while `migrate` performed them. Two of its events created a tenant. */
const moved = ['migrate.key.v1.json', 'migrate.tenant.v1.json'];
const { deploys = [], operations = [] } = Object.groupBy(
  [...recordings('migrate'), ...recordings('operate')].filter(({ name }) => !moved.includes(name)),
  ({ message }) => ('operation' in (message as object) ? 'operations' : 'deploys'),
);

describe('an event for operate', () => {
  it.each(operations)('the event $name for operate is understood in full', ({ message }) => {
    expect(readEvent(message)).toEqual(message);
  });

  it('an event of each operation is recorded', () => {
    const recorded = operations.map(({ message }) => (message as { operation?: string }).operation);
    expect(operationNames.filter((name) => !recorded.includes(name))).toEqual([]);
  });

  it('an event that an output suggests is recorded', () => {
    const outputs = synthesise().pipeline.toJSON().Outputs as Record<string, { Value: unknown }>;
    const [, payload = ''] = /--payload '([^']+)'/.exec(text(outputs.MakeTenant?.Value)) ?? [];
    expect(operations.map(({ message }) => message)).toContainEqual(JSON.parse(payload));
  });
});

describe('an event for migrate', () => {
  it.each(deploys)('$name is understood', ({ message }) => {
    expect(() => checkEvent(message)).not.toThrow();
  });

  it.each(recordings('migrate').filter(({ message }) => Object.keys(message as object).length > 0))(
    '$name is refused since operate has it: ignored, it would seem to have succeeded',
    ({ message }) => {
      expect(() => checkEvent(message)).toThrow('the function operate manages tenants and keys');
    },
  );
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
