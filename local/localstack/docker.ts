import { setTimeout as pause } from 'node:timers/promises';
import { answers, type LocalStack, LocalStackProblem } from './localstack.ts';
import { runProgram } from './program.ts';

/** The last free release. */
const image = 'localstack/localstack:4.14.0';
const startMs = 180_000;

/** Why Docker is no way here; undefined where it is one. */
export async function whyNoDocker(): Promise<string | undefined> {
  // `--network host` below, and functions built for this machine, need both to be the same Linux.
  if (process.platform !== 'linux') return 'By Docker it is started on Linux only.';
  try {
    const { code } = await runProgram('docker', ['info', '--format', '{{.ServerVersion}}']);
    return code === 0 ? undefined : 'Docker is installed and its daemon does not answer.';
  } catch {
    return 'Docker is not installed.';
  }
}

/**
 * Starts the public image. Its functions run in containers of their own beside it, and the Postgres that they need
 * listens on 127.0.0.1 of this machine: LocalStack is told to start them on the host's network too. That
 * edition ignores MaximumConcurrency and a template's reserved concurrency, hence `caps: false`.
 *
 * Written after LocalStack's documentation and not run by us: no machine of ours has Docker.
 * @throws LocalStackProblem
 */
export async function startByDocker(options: {
  port: number;
  onProgress(line: string): void;
}): Promise<LocalStack> {
  const { port, onProgress } = options;
  const endpoint = `http://127.0.0.1:${port}`;
  const name = `sluice-localstack-${port}`;
  onProgress(`Docker: starting ${image} (the first time it is loaded, about 1 GB)`);
  const variables = {
    GATEWAY_LISTEN: `127.0.0.1:${port}`,
    LOCALSTACK_HOST: `127.0.0.1:${port}`,
    SQS_ENDPOINT_STRATEGY: 'path',
    LAMBDA_DOCKER_NETWORK: 'host',
    S3_SKIP_SIGNATURE_VALIDATION: '0',
    DISABLE_EVENTS: '1',
  };
  const flags = Object.entries(variables).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
  const socket = '/var/run/docker.sock:/var/run/docker.sock';
  const args = [
    'run',
    '--detach',
    '--rm',
    '--name',
    name,
    '--network',
    'host',
    '-v',
    socket,
    ...flags,
    image,
  ];
  const { code, err } = await runProgram('docker', args, { onLine: onProgress });
  if (code !== 0) throw new LocalStackProblem(`docker run ${image} failed:\n${err.slice(-4_000)}`);
  const end = ['docker', 'rm', '--force', name];
  const deadline = Date.now() + startMs;
  while (!(await answers(endpoint))) {
    if (Date.now() > deadline) {
      await runProgram('docker', end.slice(1));
      throw new LocalStackProblem(`${image} did not answer at ${endpoint} after ${startMs / 1000} s.`);
    }
    await pause(250);
  }
  const log = async () => {
    const { out, err } = await runProgram('docker', ['logs', name]);
    return out + err;
  };
  return { endpoint, origin: `${image} by Docker (${endpoint})`, caps: false, log, end };
}
