import { resolve } from 'node:path';
import { connectDatabase } from '../local/localstack/database.ts';
import { type DeploymentOptions, deploy, makeTenant, migrate } from '../local/localstack/deployment.ts';
import { LocalStackProblem } from '../local/localstack/localstack.ts';
import { openSession, type Session } from '../local/localstack/session.ts';
import { describeProblem } from '../local/problems.ts';

/*
 * `npm run deploy:localstack`: deploys the app of bin/sluice.ts to LocalStack, with its own Postgres, and keeps both
 * until Ctrl-C. Environment: SLUICE_TEST_ENDPOINT (a running LocalStack), SLUICE_LOCALSTACK_PORT (4566),
 * SLUICE_CONFIG, SLUICE_TENANT (acme).
 */

const projectRoot = resolve(import.meta.dirname, '..');
const tenant = process.env.SLUICE_TENANT || 'acme';
const configFile = process.env.SLUICE_CONFIG;
const started = performance.now();
const onProgress = (line: string) =>
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}`);
let session: Session | undefined;
let ending: Promise<void> | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(signal));

try {
  const { stageConfig } = await import('../lib/config/resolve.ts');
  const { readConfig } = await import('../lib/config/read-config.ts');
  const { maxConnections } = stageConfig(await readConfig(projectRoot, configFile), 'localstack').database;
  const port = Number(process.env.SLUICE_LOCALSTACK_PORT || 4566);
  const opened = await openSession({
    projectRoot,
    port,
    environment: process.env,
    maxConnections,
    onProgress,
  });
  if ('reasons' in opened)
    throw new LocalStackProblem(
      `LocalStack is not available:\n${opened.reasons.map((reason) => `  - ${reason}`).join('\n')}`,
    );
  session = opened;
  if (ending === undefined) await deployTo(opened);
  else await opened.close();
} catch (error) {
  // A signal that interrupts the start is not an error.
  if (ending === undefined) {
    console.error(`\n${describeProblem(error)}\n`);
    process.exitCode = 1;
    await session?.close();
  }
}

async function deployTo({ localstack, postgres }: Session): Promise<void> {
  onProgress(`LocalStack: ${localstack.origin}`);
  onProgress(`Postgres: ${postgres.forUs.host}:${postgres.forUs.port}`);
  const { connection } = await connectDatabase(localstack.endpoint, 'sluice', postgres.forFunctions);
  const options: DeploymentOptions = {
    projectRoot,
    localstack,
    connection,
    ...(configFile === undefined ? {} : { configFile }),
    onProgress,
  };
  const deployed = await deploy(options);
  await migrate(options, deployed);
  const apiKey = await makeTenant(options, deployed, tenant);
  const { url, stack } = deployed;
  console.log(`\n${stack} is deployed at ${url}\n`);
  console.log(`API key of ${tenant}: ${apiKey}\nAWS_ENDPOINT_URL=${localstack.endpoint}\n`);
  console.log(
    `  curl -i -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: image/jpeg' --data-binary @photo.jpg ${url}/v1/images\n`,
  );
  const started =
    localstack.ends === undefined ? 'Postgres and leaves LocalStack running' : 'LocalStack and Postgres';
  console.log(`Ctrl-C stops ${started}. Nothing is kept.`);
  postgres.ended.then(() => (ending === undefined ? end('Postgres ended unexpectedly') : undefined));
}

function end(why: string): Promise<void> {
  ending ??= (async () => {
    console.log(`\n${why}: stopping.`);
    await session?.close();
    process.exit();
  })();
  return ending;
}
