import { expect, it } from 'vitest';
import { Clock } from '../../../simulator/clock.ts';
import { Database, lingerSeconds, Session } from '../../../simulator/database.ts';

function openDatabase() {
  const clock = new Clock();
  const model = { maxConnections: 2, limits: { process: 2 }, outages: [], statementsAtOnce: 1 };
  const database = new Database(clock, model, () => 0);
  const session = new Session(database, clock, 'process', [0]);
  /** A statement of this session. */
  const run = () => clock.start(session.run([0], () => undefined));
  /** Connections after so many seconds. */
  const connectionsAt = (seconds: number) => {
    let found: number | undefined;
    clock.after(seconds - clock.now, () => {
      found = database.connections;
    });
    while (found === undefined) clock.step(seconds + 1);
    return found;
  };
  return { database, run, connectionsAt };
}

it('a session disconnects after a pause, which begins anew with each statement', () => {
  const { run, connectionsAt } = openDatabase();
  run();
  expect(connectionsAt(0.9 * lingerSeconds)).toBe(1);
  run();
  expect(connectionsAt(1.8 * lingerSeconds)).toBe(1);
  expect(connectionsAt(2 * lingerSeconds)).toBe(0);
  run();
  expect(connectionsAt(2.1 * lingerSeconds)).toBe(1);
});

it('a role, and all together, have no more connections than allowed', () => {
  const clock = new Clock();
  const model = { maxConnections: 3, limits: { api: 2, process: 2 }, outages: [], statementsAtOnce: 1 };
  const database = new Database(clock, model, () => 0);
  expect(['api', 'api', 'api', 'process', 'process', 'other'].map((role) => database.open(role))).toEqual([
    ...[true, true, false, true, false, false],
  ]);
  expect([database.peak, database.peakOfAll, database.refusedConnections]).toEqual([
    { api: 2, process: 1 },
    3,
    3,
  ]);
});
