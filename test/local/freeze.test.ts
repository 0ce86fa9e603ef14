import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { freeze, statesOf } from '../support/freeze.ts';

/** Of more threads than this machine has cores: those that wait for one have not stopped when `kill` returns. */
const busy = `const { Worker } = require('node:worker_threads');
  for (let n = 0; n < 12; n += 1) new Worker('for (;;) {}', { eval: true }).once('online', () => process.stdout.write('.'));`;

test.runIf(process.platform === 'linux')(
  'a frozen process has no thread that still runs, on a busy machine too',
  async () => {
    const child = spawn(process.execPath, ['-e', busy], { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    for (let online = 0; online < 12; ) online += (await once(child.stdout, 'data'))[0].length;
    await freeze(child.pid);
    const states = statesOf(child.pid ?? 0);
    expect(states.length).toBeGreaterThan(12);
    expect(new Set(states)).toEqual(new Set(['T']));
  },
);

test('a process that is not there cannot be frozen', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await expect(freeze(child.pid)).rejects.toMatchObject({ code: 'ESRCH' });
});
