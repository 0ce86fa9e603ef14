import { startByDocker, whyNoDocker } from './docker.ts';
import { type LocalStack, LocalStackProblem, responds } from './localstack.ts';
import { scriptsFolder, startByScript } from './script.ts';

export interface Search {
  projectRoot: string;
  port: number;
  environment: Record<string, string | undefined>;
  onProgress(line: string): void;
}

/** Why LocalStack is not available, with a reason for each way to get one. */
export interface Unavailable {
  reasons: string[];
}

/**
 * The first available LocalStack: that of SLUICE_TEST_ENDPOINT, of the start script next to the checkout (without
 * Docker), or of the public Docker image.
 * @throws LocalStackProblem if an available way fails
 */
export async function findLocalStack(search: Search): Promise<LocalStack | Unavailable> {
  const { environment, projectRoot, port, onProgress } = search;
  const named = environment.SLUICE_TEST_ENDPOINT;
  if (named) return running(named.replace(/\/$/, ''));
  const reasons = ['SLUICE_TEST_ENDPOINT is not set.'];

  const folder = scriptsFolder(projectRoot);
  if (folder === undefined) reasons.push('The folder ../shared/localstack does not exist.');
  else {
    const started = await startByScript({ folder, port, environment, onProgress });
    if (typeof started !== 'string') return started;
    reasons.push(started);
  }

  const missing = await whyNoDocker();
  if (missing === undefined) return startByDocker({ port, onProgress });
  reasons.push(missing);
  return { reasons };
}

/** One that is already running. Its capabilities are unknown and assumed to be those of the scripts' LocalStack. */
async function running(endpoint: string): Promise<LocalStack> {
  if (!(await responds(endpoint)))
    throw new LocalStackProblem(`SLUICE_TEST_ENDPOINT is ${endpoint}, where no LocalStack responds.`);
  const log = async () => undefined;
  return { endpoint, origin: `SLUICE_TEST_ENDPOINT (${endpoint})`, caps: true, log };
}
