import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { answers, type LocalStack, LocalStackProblem } from './localstack.ts';
import { runProgram } from './program.ts';

/** The folder of the scripts that start LocalStack as a process of this machine, where it is there. */
export function scriptsFolder(projectRoot: string): string | undefined {
  const folder = resolve(projectRoot, '..', 'shared', 'localstack');
  return existsSync(join(folder, 'start')) ? folder : undefined;
}

/**
 * Starts LocalStack by its script, or joins the one that runs on that port. The first start on a machine installs.
 * @returns why it cannot be had, where Python 3.13 is missing or its packages are
 * @throws LocalStackProblem with what the script said.
 */
export async function startByScript(options: {
  folder: string;
  port: number;
  environment: Record<string, string | undefined>;
  onProgress(line: string): void;
}): Promise<LocalStack | string> {
  const { folder, port, environment, onProgress } = options;
  const endpoint = `http://127.0.0.1:${port}`;
  const joined = await answers(endpoint);
  const { code, out, err } = await runProgram(join(folder, 'start'), [String(port)], {
    // Functions are written for Node 24, whatever node is first on PATH.
    environment: { ...environment, SLUICE_NODE: environment.SLUICE_NODE || process.execPath },
    onLine: onProgress,
  });
  if (code !== 0 && err.includes('needs Python 3.13')) return 'Its scripts need Python 3.13 (SLUICE_PYTHON).';
  // Without the network its packages cannot be had, and then it is not there. One that is there and does not start is
  // no reason to pass over what it should have shown.
  if (code !== 0 && err.includes('installing') && !err.includes('did not start'))
    return `It could not be installed: ${err.trim().split('\n').at(-1)}`;
  if (code !== 0) throw new LocalStackProblem(`LocalStack did not start:\n${err.slice(-4_000)}`);
  const said = new Map(out.split('\n').map((line) => line.split('=', 2) as [string, string]));
  const logFile = said.get('LOCALSTACK_LOG') ?? '';
  return {
    endpoint: said.get('AWS_ENDPOINT_URL') ?? endpoint,
    origin: `${folder} (${endpoint}${joined ? ', running already' : ''})`,
    caps: true,
    log: async () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : undefined),
    ...(joined ? {} : { ends: [[join(folder, 'stop'), String(port)]] }),
  };
}
