import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { eventually, startHost, temporaryFolder, tinyFunction } from './test-host.ts';

/** The test controls the timers; processes and sockets run normally. */
function useStillClock(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
}

test('an invocation ends at its timeout, no earlier and no later', async () => {
  const home = temporaryFolder();
  useStillClock();
  const host = await startHost(home);
  const source = 'export const handler = () => new Promise(() => setInterval(() => {}, 1000));';
  host.add(tinyFunction(home, 'hang', source, { timeoutSeconds: 7 }));
  const hanging = host.invoke('hang', {});
  const log = () => readFileSync(join(home, 'logs', 'hang.log'), 'utf8');
  await eventually(() => log().includes('START RequestId'), 'the start of the event');
  const [pid = 0] = host.pids('hang');
  const killed = vi.spyOn(process, 'kill');
  onTestFinished(() => killed.mockRestore());
  const kills = () => killed.mock.calls.filter(([, signal]) => signal === 'SIGKILL');
  vi.advanceTimersByTime(6_999);
  expect(kills()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(kills()).toEqual([[-pid, 'SIGKILL']]);
  expect(await hanging).toMatchObject({ ok: false, error: { errorType: 'Sandbox.Timedout' } });
});

test('an event that arrives just after an idle environment was ended gets a new one', async () => {
  const home = temporaryFolder();
  useStillClock();
  const host = await startHost(home, 50);
  host.add(tinyFunction(home, 'idle', 'export const handler = async () => 1;'));
  const first = host.invoke('idle', {});
  expect((await first).ok).toBe(true);
  await eventually(() => vi.getTimerCount() === 2, 'the timers of the idle environment');
  vi.advanceTimersByTime(50);
  // Its process has not ended yet.
  expect(host.statistics('idle').environments).toBe(1);
  expect((await host.invoke('idle', {})).ok).toBe(true);
  expect(host.statistics('idle')).toMatchObject({ started: 2, errors: 0 });
});
