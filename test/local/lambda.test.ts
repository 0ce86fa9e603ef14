import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identify, membersOf } from '../../local/processes/identity.ts';
import { ProcessRegistry } from '../../local/processes/registry.ts';
import { freeze } from '../support/freeze.ts';
import { patience } from '../support/pace.ts';
import { eventually, startHost, temporaryFolder, tinyFunction } from './test-host.ts';

function stateOf(pid: number): string {
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';
}

test('a handler receives the event and a context, and its result is returned', async () => {
  const home = temporaryFolder();
  const host = await startHost(home);
  host.add(
    tinyFunction(
      home,
      'echo',
      `export const handler = async (event, context) => ({
        event, name: context.functionName, left: context.getRemainingTimeInMillis(), id: context.awsRequestId,
        memory: context.memoryLimitInMB, given: process.env.GIVEN, foreign: process.env.FROM_OUTSIDE,
        root: process.env.LAMBDA_TASK_ROOT, tmp: (await import('node:os')).tmpdir() });`,
      { environment: { GIVEN: 'yes' } },
    ),
  );
  process.env.FROM_OUTSIDE = 'leak';
  const result = await host.invoke('echo', { a: 1 });
  expect(result.ok).toBe(true);
  const answer = JSON.parse(result.ok ? result.payload : '{}');
  expect(answer).toMatchObject({ event: { a: 1 }, name: 'echo', memory: '256', given: 'yes' });
  expect(answer.id).toBe(result.requestId);
  expect(answer.left).toBeGreaterThan(10_000 - patience(2_000));
  expect(answer.left).toBeLessThanOrEqual(10_000);
  expect(answer.foreign).toBeUndefined();
  expect(answer.root).toBe(join(home, 'functions', 'echo'));
  expect(answer.tmp.startsWith(join(home, 'work', 'tmp'))).toBe(true);
  const log = readFileSync(join(home, 'logs', 'echo.log'), 'utf8');
  expect(log).toMatch(
    /START RequestId: .+ Version: \$LATEST\nEND RequestId: .+\nREPORT RequestId: .+Init Duration/,
  );
});

test('an idle environment is reused, and another is started only for a simultaneous event', async () => {
  const home = temporaryFolder();
  const host = await startHost(home);
  host.add(
    tinyFunction(
      home,
      'count',
      `let calls = 0; export const handler = async ({ ms }) => {
        await new Promise((done) => setTimeout(done, ms)); return [process.pid, ++calls]; };`,
    ),
  );
  const answers: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    const result = await host.invoke('count', { ms: 0 });
    answers.push(result.ok && JSON.parse(result.payload));
  }
  const [pid] = host.pids('count');
  expect(answers).toEqual([1, 2, 3].map((calls) => [pid, calls]));
  await Promise.all([host.invoke('count', { ms: 100 }), host.invoke('count', { ms: 100 })]);
  expect(host.statistics('count')).toMatchObject({
    invocations: 5,
    started: 2,
    environments: 2,
    peak: 2,
    running: 0,
  });
});

test('above its reserved concurrency a function is throttled with the reason', async () => {
  const home = temporaryFolder();
  const host = await startHost(home);
  const source = 'export const handler = () => new Promise((done) => setTimeout(done, 300));';
  host.add(tinyFunction(home, 'slow', source, { maxConcurrency: 1 }));
  const first = host.invoke('slow', {});
  await expect(host.invoke('slow', {})).rejects.toMatchObject({
    name: 'TooManyRequestsException',
    statusCode: 429,
    reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
  });
  expect((await first).ok).toBe(true);
  expect((await host.invoke('slow', {})).ok).toBe(true);
  expect(host.statistics('slow')).toMatchObject({ throttles: 1, peak: 1, started: 1 });
});

test('a timeout ends the environment and its children, and the next event gets a new one', async () => {
  const home = temporaryFolder();
  const host = await startHost(home);
  const source = `import { spawn } from 'node:child_process';
    export const handler = async ({ hang }) => {
      if (!hang) return process.pid;
      spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      await new Promise(() => {});
    };
    setInterval(() => {}, 1000);`;
  host.add(tinyFunction(home, 'hang', source, { timeoutSeconds: 1 }));
  const hanging = host.invoke('hang', { hang: true });
  const [pid = 0] = host.pids('hang');
  await eventually(() => membersOf(pid).length === 2, 'the child of the function');
  const result = await hanging;
  expect(result).toMatchObject({ ok: false, error: { errorType: 'Sandbox.Timedout' } });
  expect(!result.ok && result.error.errorMessage).toBe(
    `RequestId: ${result.requestId} Error: Task timed out after 1.00 seconds`,
  );
  await eventually(() => membersOf(pid).length === 0, 'the end of the group');
  expect((await host.invoke('hang', {})).ok).toBe(true);
  expect(host.statistics('hang')).toMatchObject({ timeouts: 1, errors: 1, started: 2, environments: 1 });
});

test.each([
  ['process.exit(3)', 'Runtime exited with error: exit status 3'],
  ['process.exit(0)', 'Runtime exited without providing a reason'],
  ["process.kill(process.pid, 'SIGKILL')", 'Runtime exited with error: signal: killed'],
])('a handler that ends its process with %s is a Runtime.ExitError', async (how, message) => {
  const home = temporaryFolder();
  const host = await startHost(home);
  host.add(
    tinyFunction(
      home,
      'exit',
      `export const handler = async () => { ${how}; await new Promise(() => {}); };`,
    ),
  );
  const result = await host.invoke('exit', {});
  expect(result).toMatchObject({
    ok: false,
    error: {
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${result.requestId} Error: ${message}`,
    },
  });
});

test('children of a runtime that exits end with it', async () => {
  const home = temporaryFolder();
  const host = await startHost(home);
  const source = `import { spawn } from 'node:child_process';
    export const handler = async () => {
      spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      process.exit(3); };`;
  host.add(tinyFunction(home, 'leaves', source));
  const running = host.invoke('leaves', {});
  const [pid = 0] = host.pids('leaves');
  expect((await running).ok).toBe(false);
  await eventually(() => membersOf(pid).length === 0, 'the end of the group');
});

test('an error of a handler affects its event only', async () => {
  const home = temporaryFolder();
  const host = await startHost(home);
  host.add(
    tinyFunction(
      home,
      'throw',
      "export const handler = async ({ bad }) => { if (bad) throw new RangeError('too far'); return 1; };",
    ),
  );
  const result = await host.invoke('throw', { bad: true });
  expect(result).toMatchObject({ ok: false, error: { errorType: 'RangeError', errorMessage: 'too far' } });
  expect((await host.invoke('throw', {})).ok).toBe(true);
  expect(host.statistics('throw').started).toBe(1);
});

test('an unhandled rejection ends the environment with its type', async () => {
  const home = temporaryFolder();
  const host = await startHost(home);
  const source = `export const handler = () => {
    Promise.reject(new Error('forgotten')); return new Promise((done) => setTimeout(done, 5000)); };`;
  host.add(tinyFunction(home, 'forgotten', source));
  const result = await host.invoke('forgotten', {});
  expect(result).toMatchObject({
    ok: false,
    error: { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'forgotten' },
  });
});

test('a module that cannot be loaded returns the error of its init', async () => {
  const home = temporaryFolder();
  const host = await startHost(home);
  host.add(tinyFunction(home, 'broken', "throw new TypeError('wrong environment');"));
  expect(await host.invoke('broken', {})).toMatchObject({
    ok: false,
    error: { errorType: 'TypeError', errorMessage: 'wrong environment' },
  });
});

test('a response and a request above 6 MB are refused', async () => {
  const home = temporaryFolder();
  const host = await startHost(home);
  host.add(tinyFunction(home, 'large', "export const handler = async () => 'x'.repeat(6 * 1024 * 1024);"));
  expect(await host.invoke('large', {})).toMatchObject({
    ok: false,
    error: { errorType: 'Function.ResponseSizeTooLarge' },
  });
  await expect(host.invoke('large', 'x'.repeat(6 * 1024 * 1024))).rejects.toMatchObject({ statusCode: 413 });
});

test('exceeding the memory size ends the environment', async () => {
  const home = temporaryFolder();
  const host = await startHost(home);
  const source = `const kept = []; export const handler = async () => {
    for (;;) { kept.push(Buffer.alloc(32 * 1024 * 1024, 1)); await new Promise((done) => setTimeout(done, 20)); } };`;
  host.add(tinyFunction(home, 'greedy', source, { memoryMb: 192 }));
  expect(await host.invoke('greedy', {})).toMatchObject({
    ok: false,
    error: { errorType: 'Runtime.OutOfMemory' },
  });
});

test.runIf(process.platform === 'linux')('between two events the whole group is stopped', async () => {
  const home = temporaryFolder();
  const host = await startHost(home);
  const source = `import { spawn } from 'node:child_process';
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 5)']);
    export const handler = async () => child.pid;`;
  host.add(tinyFunction(home, 'frozen', source));
  const result = await host.invoke('frozen', {});
  const child = Number(result.ok && result.payload);
  const [pid = 0] = host.pids('frozen');
  await eventually(() => stateOf(pid) === 'T' && stateOf(child) === 'T', 'both to be stopped');
  expect((await host.invoke('frozen', {})).ok).toBe(true);
  expect(host.statistics('frozen').started).toBe(1);
});

test('an environment that stays idle ends', async () => {
  const home = temporaryFolder();
  const host = await startHost(home, 50);
  host.add(tinyFunction(home, 'idle', 'export const handler = async () => 1;'));
  await host.invoke('idle', {});
  await eventually(() => host.statistics('idle').environments === 0, 'the end of the idle environment');
  expect((await host.invoke('idle', {})).ok).toBe(true);
});

test('stopping the host ends frozen and busy environments and clears its records', async () => {
  const home = temporaryFolder();
  const host = await startHost(home);
  const source = `export const handler = ({ ms }) => new Promise((done) => setTimeout(done, ms));`;
  host.add(tinyFunction(home, 'some', source));
  await host.invoke('some', { ms: 0 });
  const busy = [host.invoke('some', { ms: 60_000 }), host.invoke('some', { ms: 60_000 })];
  const pids = host.pids();
  expect(pids).toHaveLength(2);
  await host.stop();
  for (const result of await Promise.all(busy)) expect(result.ok).toBe(false);
  expect(pids.filter((pid) => identify(pid) !== undefined)).toEqual([]);
  expect(new ProcessRegistry(join(home, 'run'), home).list()).toEqual([]);
});

test('orphans of a killed run are ended by the next one, and another process with a reused id is not', async () => {
  const home = temporaryFolder();
  const script = join(home, 'left.mjs');
  writeFileSync(script, 'setInterval(() => {}, 1000);');
  const left = spawn(process.execPath, [script], { detached: true, stdio: 'ignore' });
  const other = spawn(process.execPath, [script], { detached: true, stdio: 'ignore' });
  const registry = new ProcessRegistry(join(home, 'run'), home);
  registry.add(left.pid ?? 0);
  await freeze(left.pid);
  mkdirSync(join(home, 'run'), { recursive: true });
  writeFileSync(join(home, 'run', String(other.pid)), 'some other start');
  expect(await new ProcessRegistry(join(home, 'run'), home).endOrphans()).toBe(1);
  expect(identify(left.pid ?? 0)).toBeUndefined();
  expect(identify(other.pid ?? 0)).toBeDefined();
  expect(existsSync(join(home, 'run', String(other.pid)))).toBe(false);
  other.kill('SIGKILL');
});
