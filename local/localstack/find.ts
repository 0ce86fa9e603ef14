import { startByDocker, whyNoDocker } from './docker.ts';
import { answers, type LocalStack, LocalStackProblem } from './localstack.ts';
import { scriptsFolder, startByScript } from './script.ts';

export interface Search {
  projectRoot: string;
  /** Of the LocalStack that is started. */
  port: number;
  environment: Record<string, string | undefined>;
  onProgress(line: string): void;
}

/** Why there is no LocalStack to be had here, each way with its reason. */
export interface Nowhere {
  reasons: string[];
}

/**
 * A LocalStack by the first way that works: the one that SLUICE_TEST_ENDPOINT names, the start script beside the
 * checkout (no Docker needed), the public image by Docker.
 * @throws LocalStackProblem where a way exists and fails; a way that does not exist here is only a reason.
 */
export async function findLocalStack(search: Search): Promise<LocalStack | Nowhere> {
  const { environment, projectRoot, port, onProgress } = search;
  const named = environment.SLUICE_TEST_ENDPOINT;
  if (named) return running(named.replace(/\/$/, ''));
  const reasons = ['SLUICE_TEST_ENDPOINT names none.'];

  const folder = scriptsFolder(projectRoot);
  if (folder === undefined) reasons.push('There is no ../shared/localstack.');
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

/** Somebody else's: what it can do is not known, so it is taken for one like ours. */
async function running(endpoint: string): Promise<LocalStack> {
  if (!(await answers(endpoint)))
    throw new LocalStackProblem(`SLUICE_TEST_ENDPOINT is ${endpoint}, and no LocalStack answers there.`);
  const log = async () => undefined;
  return { endpoint, origin: `SLUICE_TEST_ENDPOINT (${endpoint})`, caps: true, log };
}
