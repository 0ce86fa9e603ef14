import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { membersOf } from '../../local/processes/identity.ts';
import { eventually, temporaryFolder } from './test-host.ts';

const guardian = resolve(import.meta.dirname, '../../local/localstack/guardian.ts');

/** A process with a guardian: it prints the guardian's process id and then follows its input. */
async function owner(folder: string, then: 'waits' | 'releases') {
  const cleanup = {
    commands: [['touch', join(folder, 'ended')]],
    postgres: [],
    folders: [join(folder, 'left')],
  };
  mkdirSync(join(folder, 'left'));
  const script = join(folder, 'owner.ts');
  writeFileSync(
    script,
    `import { readFileSync } from 'node:fs';
     import { guard } from ${JSON.stringify(guardian)};
     const release = guard(${JSON.stringify(cleanup)});
     const children = readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8');
     process.stdout.write(children.trim() + '\\n');
     ${then === 'releases' ? 'release();' : 'setInterval(() => undefined, 1000);'}`,
  );
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(child.stdout, 'data');
  return { child, pid: Number(String(said)) };
}

test('a guardian cleans up when its owner is killed', async () => {
  const folder = temporaryFolder();
  const { child, pid } = await owner(folder, 'waits');
  expect(membersOf(pid)).toEqual([pid]);
  expect(existsSync(join(folder, 'ended'))).toBe(false);
  child.kill('SIGKILL');
  await eventually(() => existsSync(join(folder, 'ended')), 'the command of the guardian');
  await eventually(() => !existsSync(join(folder, 'left')), 'the folder to go');
  await eventually(() => membersOf(pid).length === 0, 'the end of the guardian');
});

test('a released guardian ends without a clean-up', async () => {
  const folder = temporaryFolder();
  const { child, pid } = await owner(folder, 'releases');
  if (child.exitCode === null) await once(child, 'exit');
  await eventually(() => membersOf(pid).length === 0, 'the end of the guardian');
  expect(existsSync(join(folder, 'ended'))).toBe(false);
  expect(existsSync(join(folder, 'left'))).toBe(true);
});
