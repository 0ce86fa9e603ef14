import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type LocalStack, LocalStackProblem, responds } from './localstack.ts';
import { runProgram } from './program.ts';

/** The folder of the scripts that start LocalStack as a process of this machine; undefined if there is none. */
export function scriptsFolder(projectRoot: string): string | undefined {
  const folder = resolve(projectRoot, '..', 'shared', 'localstack');
  return existsSync(join(folder, 'start')) ? folder : undefined;
}

/**
 * Starts LocalStack by its script, or uses the one that runs on that port. The first start on a machine installs it.
 * @returns the reason if it is not available, because Python 3.13 or its packages are missing
 * @throws LocalStackProblem with the output of the script
 */
export async function startByScript(options: {
  folder: string;
  port: number;
  environment: Record<string, string | undefined>;
  onProgress(line: string): void;
}): Promise<LocalStack | string> {
  const { folder, port, environment, onProgress } = options;
  const endpoint = `http://127.0.0.1:${port}`;
  const joined = await responds(endpoint);
  const { code, out, err } = await runProgram(join(folder, 'start'), [String(port)], {
    // Functions need Node 24, whichever node is first on PATH.
    environment: { ...environment, SLUICE_NODE: environment.SLUICE_NODE || process.execPath },
    onLine: onProgress,
  });
  if (code !== 0 && err.includes('needs Python 3.13')) return 'Its scripts need Python 3.13 (SLUICE_PYTHON).';
  // Without network its packages cannot be installed: it is not available. An installed one that does not start is an
  // error.
  if (code !== 0 && err.includes('installing') && !err.includes('did not start'))
    return `It could not be installed: ${err.trim().split('\n').at(-1)}`;
  if (code !== 0) throw new LocalStackProblem(`LocalStack did not start:\n${err.slice(-4_000)}`);
  const printed = new Map(out.split('\n').map((line) => line.split('=', 2) as [string, string]));
  const logFile = printed.get('LOCALSTACK_LOG') ?? '';
  return {
    endpoint: printed.get('AWS_ENDPOINT_URL') ?? endpoint,
    origin: `${folder} (${endpoint}${joined ? ', already running' : ''})`,
    caps: true,
    log: async () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : undefined),
    ...(joined ? {} : { ends: [[join(folder, 'stop'), String(port)]] }),
  };
}
