import { expect, it, vi } from 'vitest';
import { patience } from '../../../support/pace.ts';
import { failure, isAlive, order, useFake } from './fake-lane.ts';

function counting(options: Parameters<typeof useFake>[0] = {}) {
  const onDeath = vi.fn();
  return { onDeath, ...useFake({ ...options, onDeath }) };
}

it('each sandbox that dies of an image is reported once: both of an image that is tried twice', async () => {
  const { decode, onDeath } = counting();
  await failure(decode(order('die')));
  expect(onDeath).toHaveBeenCalledTimes(2);
  await decode(order('healthy'));
  expect(onDeath).toHaveBeenCalledTimes(2);
});

it('a sandbox that is killed because it hangs is reported', async () => {
  const { decode, onDeath } = counting({ decodeTimeoutMs: patience(500) });
  await failure(decode(order('hang')));
  expect(onDeath).toHaveBeenCalledTimes(2);
});

it('a sandbox that dies while it is idle is reported', async () => {
  const { lane, decode, onDeath } = counting();
  await decode(order('healthy'));
  process.kill(lane.pid ?? 0, 'SIGKILL');
  await vi.waitUntil(() => onDeath.mock.calls.length > 0, { timeout: patience(10_000) });
  await decode(order('healthy'));
  expect(onDeath).toHaveBeenCalledTimes(1);
});

it('a sandbox that is replaced or closed on purpose is not reported', async () => {
  const { lane, decode, onDeath } = counting({ recycleAfter: 1 });
  await decode(order('healthy'));
  const { pid } = lane;
  await decode(order('healthy'));
  const next = lane.pid;
  lane.close();
  await vi.waitUntil(() => !isAlive(pid) && !isAlive(next), { timeout: patience(10_000) });
  await new Promise((resolve) => setImmediate(resolve));
  expect(onDeath).not.toHaveBeenCalled();
});
