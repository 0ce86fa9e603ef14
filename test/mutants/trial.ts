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

/** How many test files one start of vitest takes: the first ones are the nearest, and mostly it is they that go red. */
const together = 6;
/** A run that takes longer hangs by what was changed. */
const longestMs = 300_000;

/**
 * Runs test files in a copy of the tree, the nearest first, until one is red.
 * @param server the address of a Postgres, as JSON, so that none is started for each run
 * @returns the name of a red test, or in what other way the run failed; undefined where all are green
 */
export async function redTest(
  copy: string,
  files: readonly string[],
  server: string,
): Promise<string | undefined> {
  for (let at = 0; at < files.length; at += together) {
    const red = await run(copy, files.slice(at, at + together), server);
    if (red !== undefined) return red;
  }
  return undefined;
}

async function run(copy: string, files: readonly string[], server: string): Promise<string | undefined> {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const child = spawn(
    process.execPath,
    [
      join(copy, 'node_modules/vitest/vitest.mjs'),
      ...[
        'run',
        '--project',
        'node',
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
  if (late) return 'hangs';
  if (code === 0) return undefined;
  return existsSync(report)
    ? namedIn(JSON.parse(readFileSync(report, 'utf8')) as Report, copy)
    : `ended with ${code}`;
}

function namedIn({ testResults }: Report, copy: string): string {
  for (const { name, status, assertionResults } of testResults) {
    const file = name.slice(copy.length + 1);
    const test = assertionResults.find((one) => one.status === 'failed');
    if (test !== undefined) return `${file}: ${test.fullName}`;
    if (status === 'failed') return `${file} (does not load)`;
  }
  return 'an error outside of any test';
}
