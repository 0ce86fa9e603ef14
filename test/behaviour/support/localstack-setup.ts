import { resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { stageConfig } from '../../../lib/config/resolve.ts';
import { freePort } from '../../../local/http/listen.ts';
import { connectDatabase } from '../../../local/localstack/database.ts';
import {
  bootstrap,
  type DeploymentOptions,
  deploy,
  makeTenant,
  migrate,
} from '../../../local/localstack/deployment.ts';
import { openSession } from '../../../local/localstack/session.ts';
import { readBehaviours } from './behaviours.ts';
import { configFile } from './cloud-controls.ts';
import { config } from './config.ts';
import { takeInventory } from './inventory.ts';
import './suite-deployment.ts';

const projectRoot = resolve(import.meta.dirname, '..', '..', '..');
const tenant = 'acme';

/** Creates the deployment of a run: LocalStack, Postgres, `cdk deploy`, `migrate`. Skips if LocalStack is not available. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = performance.now();
  const say = (line: string) =>
    void process.stdout.write(
      `${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}\n`,
    );
  const { database, process: worker } = stageConfig(config, 'localstack');
  const session = await openSession({
    projectRoot,
    // Not 4566, which a user's LocalStack may use.
    port: await freePort(),
    environment: process.env,
    maxConnections: database.maxConnections,
    onProgress: say,
  });
  if ('reasons' in session) {
    project.provide('target', 'nowhere');
    skipLoudly(session.reasons);
    return async () => undefined;
  }
  try {
    const { localstack, postgres } = session;
    say(`The target is LocalStack by ${localstack.origin}`);
    const connected = await connectDatabase(localstack.endpoint, 'sluice-suite', postgres.forFunctions);
    const options: DeploymentOptions = {
      projectRoot,
      localstack,
      connection: connected.connection,
      configFile: configFile('config.ts'),
      onProgress: say,
    };
    await bootstrap(options);
    const before = await takeInventory(localstack.endpoint);
    const deployed = await deploy(options);
    await migrate(options, deployed);
    const apiKey = await makeTenant(options, deployed, tenant);
    project.provide('target', 'localstack');
    project.provide('deployment', {
      endpoint: localstack.endpoint,
      origin: localstack.origin,
      deployed,
      connection: connected.connection,
      tenant,
      apiKey,
      postgres: postgres.forUs,
      has: [
        ...(localstack.caps ? ['caps' as const] : []),
        ...(deployed.surprises === undefined ? [] : ['log' as const]),
      ],
      maxConcurrency: worker.maxConcurrency,
      before,
    });
    return () => session.close();
  } catch (error) {
    await session.close();
    throw error;
  }
}

function skipLoudly(reasons: readonly string[]): void {
  const unproven = readBehaviours(projectRoot).filter(({ on }) => on.includes('localstack'));
  process.stdout.write(
    [
      '',
      'SKIPPED: LocalStack is not available, so the following was not tested on it.',
      ...reasons.map((reason) => `  because: ${reason}`),
      ...unproven.map(({ name }) => `  not proven: ${name}`),
      '',
      '',
    ].join('\n'),
  );
}
