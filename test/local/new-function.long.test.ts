import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildFunctions } from '../../lib/bundling/build.ts';
import { hostTarget } from '../../lib/bundling/target.ts';
import { catalogue } from '../../lib/catalogue/catalogue.ts';
import type { FunctionDefinition } from '../../lib/catalogue/definition.ts';
import { eachInnerQueue } from '../../lib/catalogue/inner-queues.ts';
import { sendJobs } from '../../lib/catalogue/permissions.ts';
import { connectionBudget } from '../../lib/config/budget.ts';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { reservedConcurrency } from '../../lib/plan/concurrency.ts';
import { buildLocally } from '../../local/build.ts';
import { functionEnvironments } from '../../local/function-environments.ts';
import { addFunctions } from '../../local/parts/functions.ts';
import { functionsPage } from '../../scripts/functions/page.ts';
import { one, rights } from '../infra/reading.ts';
import { plain, projectRoot, synthesise, temporaryFolder } from '../infra/synthesis.ts';
import { startHost } from './test-host.ts';

/** One entry; its folder is probe/, next to this file. */
const probe: FunctionDefinition = {
  description: 'Probes',
  entries: { index: 'test/local/probe/index.ts' },
  trigger: { kind: 'schedule', everySeconds: 120 },
  database: { role: 'sluice_probe', connections: 'persistent' },
  environment: ['database', 'jobs'],
  mayTouch: [sendJobs],
  timeoutSeconds: () => 7,
  memoryMb: () => 192,
  maxConcurrency: () => 3,
  nativePackages: [],
  files: [],
};
const functions = { ...catalogue, probe };
const config = resolveConfig(plain);

it('an entry and a folder add a function to the template, with sizes, role, trigger and policy', () => {
  const outDir = temporaryFolder();
  const built = buildFunctions({ config, projectRoot, outDir, target: hostTarget(), functions });
  const { pipeline } = synthesise({}, { functions: built, catalogue: functions });
  const lambda = one(pipeline, 'AWS::Lambda::Function', 'Functionsprobe');
  expect(lambda.Properties).toMatchObject({
    Timeout: 7,
    MemorySize: 192,
    ReservedConcurrentExecutions: 3,
    Description: 'Probes',
    Environment: { Variables: { DATABASE_USER: 'sluice_probe', JOBS_QUEUE_URL: expect.anything() } },
  });
  expect(one(pipeline, 'AWS::Events::Rule', 'Probe').Properties.ScheduleExpression).toBe('rate(2 minutes)');
  const jobs = one(pipeline, 'AWS::SQS::Queue', 'ImageJobs').id;
  const may = rights(pipeline, 'FunctionsprobeRole').filter((right) => /^(s3|sqs|kms|rds-db):/.test(right));
  expect(may).toEqual([
    expect.stringMatching(/^rds-db:connect .*\/sluice_probe$/),
    `sqs:SendMessage <${jobs}.Arn>`,
  ]);
  const { Environment } = one(pipeline, 'AWS::Lambda::Function', 'Functionsmigrate').Properties as {
    Environment: { Variables: { DATABASE_ROLES: string } };
  };
  expect(JSON.parse(Environment.Variables.DATABASE_ROLES)).toMatchObject({
    sluice_probe: { connections: 6, persistent: true },
  });
  // It logs in as a role that the migration creates.
  expect(JSON.stringify(lambda.DependsOn)).toContain('Migration');
});

it('a new function has shares of the connections and of the executions', () => {
  const before = connectionBudget(config);
  expect(connectionBudget(config, functions)).toEqual({ ...before, probe: 6, total: before.total + 6 });
  const { sum } = reservedConcurrency(config);
  expect(reservedConcurrency(config, functions)).toMatchObject({ shares: { probe: 3 }, sum: sum + 3 });
  const database = { ...config.database, maxConnections: before.total + 5 };
  expect(() => connectionBudget({ ...config, database }, functions)).toThrow(
    'probe 6 (2 × probe.maxConcurrency 3)',
  );
});

it('the local host runs a new function with its environment', async () => {
  const home = temporaryFolder();
  const code = await buildLocally({
    config,
    projectRoot,
    outDir: join(home, 'built'),
    onProgress: () => undefined,
    catalogue: functions,
  });
  const host = await startHost(home);
  const environments = functionEnvironments(
    {
      config,
      secrets: { apiKey: 'a', accessKeyId: 'b', secretAccessKey: 'c', rolesPassword: 'd' },
      postgres: { host: '127.0.0.1', port: 1, user: 'owner', password: 'e', database: 'sluice' },
      bucket: 'images',
      queueUrl: 'http://127.0.0.1:1/000000000000/ImageJobs',
      deadLettersUrl: 'http://127.0.0.1:1/000000000000/ImageJobsDLQ',
      innerQueueUrls: eachInnerQueue((queue) => `http://127.0.0.1:1/000000000000/${queue}`),
      s3Endpoint: 'http://127.0.0.1:1',
      sqsEndpoint: 'http://127.0.0.1:1',
    },
    functions,
  );
  addFunctions(host, code.functions, environments);
  const result = await host.invoke('probe', { hello: 1 });
  expect(result.ok ? JSON.parse(result.payload) : result.error).toEqual({
    event: { hello: 1 },
    user: 'sluice_probe',
    queue: 'http://127.0.0.1:1/000000000000/ImageJobs',
  });
});

it('docs/functions.md matches the catalogue: npm run functions', () => {
  expect(readFileSync(join(projectRoot, 'docs/functions.md'), 'utf8')).toBe(functionsPage());
});
