import { expect, test } from 'vitest';
import { eventually, startHost, temporaryFolder, tinyFunction } from './test-host.ts';

/** Uses CPU time itself, lets a child use it, and may end with the event. */
const source = `import { spawnSync } from 'node:child_process';
const use = 'const until = (s) => { while (process.cpuUsage().user < s * 1e6) for (let i = 0; i < 1e6; i++); };';
const until = new Function(use + 'return until')();
export const handler = async ({ own, child, crash }) => {
  until(own);
  spawnSync(process.execPath, ['-e', use + 'until(' + child + ')']);
  if (crash) process.kill(process.pid, 'SIGKILL');
};`;

test.each([false, true])(
  'CPU time is counted by function and for children, also after a crash: %s',
  async (crash) => {
    const home = temporaryFolder();
    const host = await startHost(home);
    host.add(tinyFunction(home, 'busy', source));
    host.add(tinyFunction(home, 'quiet', source));
    expect(host.cpu()).toEqual({ busy: 0, quiet: 0, decoders: 0 });
    await host.invoke('busy', { own: 0.3, child: 0.2, crash });
    const used = host.cpu();
    expect(used.quiet).toBe(0);
    // After a crash the children are those of the last look, and the rest is the function's.
    if (crash) expect((used.busy ?? 0) + (used.decoders ?? 0)).toBeGreaterThan(0.45);
    else expect([Number(used.busy) > 0.25, Number(used.decoders) > 0.15]).toEqual([true, true]);
    for (const pid of host.pids()) process.kill(pid, 'SIGKILL');
    await eventually(() => host.pids().length === 0, 'the end of the environment');
    const after = host.cpu();
    expect(after.busy).toBeGreaterThanOrEqual(used.busy ?? 0);
    expect(after.decoders).toBeGreaterThanOrEqual(used.decoders ?? 0);
    expect(Number(after.busy) + Number(after.decoders)).toBeLessThan(5);
  },
);
