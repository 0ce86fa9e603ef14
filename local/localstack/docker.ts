import { setTimeout as pause } from 'node:timers/promises';
import { type LocalStack, LocalStackProblem, responds } from './localstack.ts';
import { runProgram } from './program.ts';

/** The last free release. */
const image = 'localstack/localstack:4.14.0';
const startMs = 180_000;
/** Public DNS resolves it to 127.0.0.1, LocalStack's resolver to its container. */
const hostName = 'localhost.localstack.cloud';

/** Why Docker cannot be used; undefined if it can. */
export async function whyNoDocker(): Promise<string | undefined> {
  // The functions are built for this machine, and their containers run Linux.
  if (process.platform !== 'linux') return 'Docker is used on Linux only.';
  try {
    const { code } = await runProgram('docker', ['info', '--format', '{{.ServerVersion}}']);
    return code === 0 ? undefined : 'Docker is installed, but its daemon does not respond.';
  } catch {
    return 'Docker is not installed.';
  }
}

/**
 * Starts the public image in its own network. Its functions run in containers of that network, where 127.0.0.1 is not
 * this machine, so Postgres joins the same network (docker-postgres.ts). That edition ignores MaximumConcurrency and a
 * template's reserved concurrency, hence `caps: false`.
 *
 * Written from LocalStack's documentation and never run: the development machines have no Docker.
 * @throws LocalStackProblem
 */
export async function startByDocker(options: {
  port: number;
  onProgress(line: string): void;
}): Promise<LocalStack> {
  const { port, onProgress } = options;
  const endpoint = `http://${hostName}:${port}`;
  const name = `sluice-localstack-${port}`;
  onProgress(`Docker: starting ${image} (the first time it downloads about 1 GB)`);
  await runProgram('docker', ['network', 'create', name]);
  const variables = {
    // The same port inside and outside, because URLs created inside are used outside.
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
  while (!(await responds(endpoint))) {
    if (Date.now() > deadline) {
      await runProgram('docker', end.slice(1));
      throw new LocalStackProblem(`${image} did not respond at ${endpoint} within ${startMs / 1000} s.`);
    }
    await pause(250);
  }
  const log = async () => {
    const { out, err } = await runProgram('docker', ['logs', name]);
    return out + err;
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
