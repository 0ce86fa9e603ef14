import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, LocalStackProblem, region } from './localstack.ts';
import { runProgram } from './program.ts';

export interface CdkOptions {
  projectRoot: string;
  /** By default the project's root. */
  cwd?: string;
  endpoint: string;
  /** Environment of the app: SLUICE_CONFIG, SLUICE_DATABASE. */
  variables?: Record<string, string>;
  /** Every two seconds. */
  onProgress(line: string): void;
  /** Each line of the CLI, at once. */
  onLine?: ((line: string) => void) | undefined;
}

const reportMs = 2_000;
const finished = /(?:CREATE|UPDATE|DELETE)_COMPLETE/;

/** Runs the CDK CLI of the lock file against LocalStack. @throws LocalStackProblem with the end of its output */
export async function cdk(args: readonly string[], options: CdkOptions): Promise<void> {
  const { projectRoot, cwd = projectRoot, endpoint, variables = {}, onProgress, onLine } = options;
  const command = `cdk ${args[0]}`;
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  let resources = 0;
  // The CLI prints nothing for its first seconds.
  let status = args[0] === 'bootstrap' ? 'the CLI is starting' : 'the app is being synthesised';
  const ticker = setInterval(() => onProgress(`${command}: ${seconds()}, ${status}`), reportMs);
  try {
    const { code, out, err } = await runProgram(
      process.execPath,
      // Where $CI is set, the CLI would write its progress to standard output, which nobody reads.
      [join(projectRoot, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args, '--no-notices', '--no-ci'],
      {
        cwd,
        environment: { ...withoutAws(process.env), ...access(endpoint), ...variables },
        onLine: (line) => {
          if (finished.test(line)) resources += 1;
          status = resources > 0 ? `${resources} resources` : line.trim();
          onLine?.(line);
        },
      },
    );
    if (code !== 0)
      throw new LocalStackProblem(`${command} failed after ${seconds()}:\n${`${out}\n${err}`.slice(-6_000)}`);
  } finally {
    clearInterval(ticker);
  }
  onProgress(`${command} took ${seconds()}`);
}

/** Runs `cdk deploy` for all stacks. @returns their outputs, by stack and name */
export async function cdkDeploy(
  context: readonly string[],
  options: CdkOptions,
): Promise<Record<string, Record<string, string>>> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cdk-'));
  const outputs = join(folder, 'outputs.json');
  try {
    const flags = ['--require-approval', 'never', '--outputs-file', outputs, '--output', join(folder, 'out')];
    await cdk(['deploy', '--all', ...context, ...flags], options);
    return JSON.parse(readFileSync(outputs, 'utf8')) as Record<string, Record<string, string>>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function cdkDestroy(context: readonly string[], options: CdkOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cdk-'));
  try {
    await cdk(['destroy', '--all', '--force', ...context, '--output', join(folder, 'out')], options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Environment variables that point an SDK to LocalStack. */
export function access(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
}

/** Without the caller's profile, which would point the CLI to a real account. */
function withoutAws(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !name.startsWith('AWS_')));
}
