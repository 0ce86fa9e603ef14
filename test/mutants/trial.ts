import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

interface Report {
  testResults: {
    name: string;
    message: string;
    status: string;
    assertionResults: { status: string; fullName: string }[];
  }[];
}

/** Test files in each start of vitest. The first ones are the nearest, and usually the ones that fail. */
const together = [2, 6, 16];
/** A longer run hangs because of the change. */
const longestMs = 300_000;

/**
 * Runs test files in a copy of the tree, the nearest first, until one fails.
 * @param server the address of a Postgres, as JSON, so that none is started for each run
 * @returns the name of a failed test, or how else the run failed; undefined if all pass
 */
export async function redTest(
  copy: string,
  files: readonly string[],
  server: string,
): Promise<string | undefined> {
  for (let at = 0, start = 0; at < files.length; start++) {
    const taken = files.slice(at, at + (together[start] ?? 16));
    at += taken.length;
    const red = await run(copy, taken, server);
    // Without a failed test the machine may be the cause, such as a worker that did not start in time: run it again.
    const sure = red === undefined || red.test ? red : await run(copy, taken, server);
    if (sure !== undefined) return sure.words;
  }
  return undefined;
}

/** Why a run failed; `test` is true for a failed test. */
interface Red {
  words: string;
  test: boolean;
}

async function run(copy: string, files: readonly string[], server: string): Promise<Red | undefined> {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const child = spawn(
    process.execPath,
    [
      join(copy, 'node_modules/vitest/vitest.mjs'),
      ...[
        'run',
        ...['unit', 'node', 'long'].flatMap((project) => ['--project', project]),
        '--bail',
        '1',
        '--maxWorkers',
        '2',
        '--reporter',
        'json',
        '--outputFile',
        report,
      ],
      ...files,
    ],
    {
      cwd: copy,
      stdio: 'ignore',
      detached: true,
      env: { ...process.env, SLUICE_TEST_SERVER: server, SLUICE_TEST_LIMIT_MS: '20000' },
    },
  );
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    process.kill(-(child.pid ?? 0), 'SIGKILL');
  }, longestMs);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(timer);
  if (late) return { words: 'hangs', test: true };
  if (code === 0) return undefined;
  return existsSync(report)
    ? namedIn(JSON.parse(readFileSync(report, 'utf8')) as Report, copy)
    : { words: `ended with ${code}`, test: false };
}

function namedIn({ testResults }: Report, copy: string): Red {
  const nameOf = (name: string) => name.slice(copy.length + 1);
  // Failed tests first: files that were skipped after one are reported as failed too.
  for (const { name, assertionResults } of testResults) {
    const test = assertionResults.find((one) => one.status === 'failed');
    if (test !== undefined) return { words: `${nameOf(name)}: ${test.fullName}`, test: true };
  }
  const unread = testResults.find(({ status }) => status === 'failed');
  const words =
    unread === undefined ? 'an error outside of any test' : `${nameOf(unread.name)} (does not load)`;
  return { words, test: false };
}
