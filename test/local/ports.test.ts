import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freePorts } from '../support/ports.ts';

test('free ports are different ones, below those that Linux takes for connections', async () => {
  const ports = await freePorts(50);
  expect(new Set(ports).size).toBe(50);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(10_000);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

test('a port that is taken is no free one, and none comes twice', async () => {
  const draws = [0.1, 0.1, 0.2, 0.2, 0.3];
  onTestFinished(() => void vi.restoreAllMocks());
  const random = vi.spyOn(Math, 'random').mockImplementation(() => draws.shift() ?? 0.4);
  const [taken = 0] = await freePorts(1);
  const server = createServer().listen(taken, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const ports = await freePorts(2);
  expect(random).toHaveBeenCalledTimes(5);
  expect(ports).not.toContain(taken);
  expect(new Set(ports).size).toBe(2);
});
