import { setTimeout as pause } from 'node:timers/promises';
import { answers, type LocalStack, LocalStackProblem } from './localstack.ts';
import { runProgram } from './program.ts';

/** The last free release. */
const image = 'localstack/localstack:4.14.0';
const startMs = 180_000;
/** Which every resolver of the internet answers with 127.0.0.1, and LocalStack's own with its container. */
const hostName = 'localhost.localstack.cloud';

/** Why Docker is no way here; undefined where it is one. */
export async function whyNoDocker(): Promise<string | undefined> {
  // The functions are built for this machine, and their containers are Linux.
  if (process.platform !== 'linux') return 'By Docker it is started on Linux only.';
  try {
    const { code } = await runProgram('docker', ['info', '--format', '{{.ServerVersion}}']);
    return code === 0 ? undefined : 'Docker is installed and its daemon does not answer.';
  } catch {
    return 'Docker is not installed.';
  }
}

/**
 * Starts the public image in a network of its own. Its functions run in containers of that network too, where no
 * 127.0.0.1 is this machine's: the Postgres comes into the same network (docker-postgres.ts). That edition ignores
 * MaximumConcurrency and a template's reserved concurrency, hence `caps: false`.
 *
 * Written after LocalStack's documentation and never run by us: no machine of ours has Docker.
 * @throws LocalStackProblem
 */
export async function startByDocker(options: {
  port: number;
  onProgress(line: string): void;
}): Promise<LocalStack> {
  const { port, onProgress } = options;
  const endpoint = `http://${hostName}:${port}`;
  const name = `sluice-localstack-${port}`;
  onProgress(`Docker: starting ${image} (the first time it is loaded, about 1 GB)`);
  await runProgram('docker', ['network', 'create', name]);
  const variables = {
    // The same port inside and outside, because URLs that are made inside are used outside.
    GATEWAY_LISTEN: `0.0.0.0:${port}`,
    LOCALSTACK_HOST: `${hostName}:${port}`,
    SQS_ENDPOINT_STRATEGY: 'path',
    LAMBDA_DOCKER_NETWORK: name,
    S3_SKIP_SIGNATURE_VALIDATION: '0',
    DISABLE_EVENTS: '1',
  };
  const place = ['--name', name, '--network', name, '--publish', `127.0.0.1:${port}:${port}`];
  const socket = ['-v', '/var/run/docker.sock:/var/run/docker.sock'];
  const flags = Object.entries(variables).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
  const { code, err } = await runProgram(
    'docker',
    ['run', '--detach', '--rm', ...place, ...socket, ...flags, image],
    { onLine: onProgress },
  );
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
    const said = await runProgram('docker', ['logs', name]);
    return said.out + said.err;
  };
  const origin = `${image} by Docker (${endpoint})`;
  return {
    endpoint,
    origin,
    caps: false,
    log,
    ends: [end, ['docker', 'network', 'rm', name]],
    network: name,
  };
}
