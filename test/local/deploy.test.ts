import { expect, test } from 'vitest';
import { identify } from '../../local/processes/identity.ts';
import { eventually, startHost, temporaryFolder, tinyFunction } from './test-host.ts';

const pidOf = `export const handler = async ({ ms }) => {
  await new Promise((done) => setTimeout(done, ms)); return process.pid; };`;

test('after a deployment new environments take the events; the earlier ones finish and stay frozen until they retire', async () => {
  const home = temporaryFolder();
  const host = await startHost(home);
  host.add(tinyFunction(home, 'one', pidOf));
  host.add(tinyFunction(home, 'other', pidOf));
  const invoke = async (name: string, ms = 0) => {
    const result = await host.invoke(name, { ms });
    return Number(result.ok && result.payload);
  };
  const busy = invoke('one', 300);
  const [idle, other] = await Promise.all([invoke('one'), invoke('other')]);
  host.deploy();
  expect(host.generations).toBe(2);
  const later = await invoke('one');
  const before = [idle, await busy];
  expect(before).not.toContain(later);
  expect(await invoke('one')).toBe(later);
  await eventually(() => host.statistics('one').running === 0, 'the end of the busy one');
  expect(host.pids('one').sort()).toEqual([...before, later].sort());
  expect(host.pids('other')).toEqual([other]);
  host.retire();
  await eventually(() => before.every((pid) => identify(pid) === undefined), 'the end of the frozen ones');
  await eventually(() => host.generations === 1, 'one generation');
  expect(await invoke('one')).toBe(later);
});
