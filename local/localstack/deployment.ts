import { tmpdir } from 'node:os';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { cdk, cdkDeploy, cdkDestroy } from './cdk.ts';
import { emptyBucket } from './empty.ts';
import { account, credentials, type LocalStack, LocalStackProblem, region } from './localstack.ts';
import { surprises } from './unsupported.ts';

export interface DeploymentOptions {
  projectRoot: string;
  localstack: LocalStack;
  connection: Record<string, unknown>;
  /** Another sluice.config.ts. */
  configFile?: string;
  onProgress(line: string): void;
  /** Each line of the CDK CLI, at once. */
  onLine?: (line: string) => void;
}

export interface Deployed {
  /** The API's, without a slash at its end. */
  url: string;
  bucket: string;
  jobsQueueUrl: string;
  deadLettersUrl: string;
  migrateFunction: string;
  operateFunction: string;
  stack: string;
  /** Types that LocalStack unexpectedly did not create; undefined if its log is not available. */
  surprises: string[] | undefined;
}

const context = ['-c', 'stage=localstack'];

/** Bootstraps the account unless that has been done. @throws LocalStackProblem */
export async function bootstrap(options: DeploymentOptions): Promise<void> {
  const { endpoint } = options.localstack;
  if (!(await isBootstrapped(endpoint)))
    // In a folder without cdk.json: otherwise the CLI would synthesise the app first, for AWS.
    await cdk(['bootstrap', `aws://${account}/${region}`], { ...cliOptions(options), cwd: tmpdir() });
}

/**
 * Deploys the app of bin/sluice.ts in the stage `localstack` with the CDK CLI, after bootstrapping if necessary. The
 * schema is missing until `migrate` is invoked, because LocalStack runs no custom resources.
 * @throws LocalStackProblem
 */
export async function deploy(options: DeploymentOptions): Promise<Deployed> {
  const { localstack, onProgress } = options;
  const { endpoint } = localstack;
  await bootstrap(options);
  const before = (await localstack.log())?.length ?? 0;
  const [found, ...others] = Object.entries(await cdkDeploy(context, cliOptions(options)));
  if (found === undefined || others.length > 0)
    throw new LocalStackProblem('The stage localstack must be one stack, on an existing database.');
  const [stack, outputs] = found;
  const output = (name: string) => {
    const value = outputs[name];
    if (value === undefined) throw new LocalStackProblem(`The stack ${stack} has no output ${name}.`);
    return value;
  };
  const log = (await localstack.log())?.slice(before);
  const surprising = log === undefined ? undefined : surprises(log);
  if (surprising !== undefined && surprising.length > 0)
    onProgress(`LocalStack does not support and did not create: ${surprising.join(', ')}`);
  return {
    // The output Url has a host that does not resolve here, and uses TLS, which LocalStack does not.
    url: `${endpoint}/_aws/execute-api/${output('RestApiId')}/${stageOf(output('Url'))}`,
    bucket: output('BucketName'),
    jobsQueueUrl: output('JobsQueueUrl'),
    deadLettersUrl: output('DeadLettersUrl'),
    migrateFunction: output('MigrateFunction'),
    operateFunction: output('OperateFunction'),
    stack,
    surprises: surprising,
  };
}

/** Invokes `migrate` after a deployment; on AWS the deployment does it. */
export async function migrate(options: DeploymentOptions, { migrateFunction }: Deployed): Promise<void> {
  options.onProgress('Invoking migrate, because LocalStack runs no custom resources');
  await invoke(options, migrateFunction, {});
}

/** Creates a tenant in a migrated deployment. @returns its key, which is shown only once. */
export async function makeTenant(
  options: DeploymentOptions,
  { operateFunction }: Deployed,
  tenant: string,
): Promise<string> {
  const { apiKey } = await invoke(options, operateFunction, { operation: 'makeTenant', tenant });
  return String(apiKey);
}

/** @throws LocalStackProblem with the function's own error. */
async function invoke({ localstack: { endpoint } }: DeploymentOptions, FunctionName: string, event: object) {
  const client = new LambdaClient({ endpoint, region, credentials });
  const Payload = Buffer.from(JSON.stringify(event));
  const { FunctionError, Payload: result } = await client.send(new InvokeCommand({ FunctionName, Payload }));
  client.destroy();
  const text = Buffer.from(result ?? []).toString('utf8');
  if (FunctionError !== undefined) throw new LocalStackProblem(`${FunctionName} failed: ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}

/** Destroys the stack after emptying its bucket, which on AWS a custom resource of the stack does. */
export async function destroy(options: DeploymentOptions, { bucket }: Deployed): Promise<void> {
  const objects = await emptyBucket(options.localstack.endpoint, bucket);
  options.onProgress(
    `Deleted ${objects} objects from the bucket, because LocalStack runs no custom resources`,
  );
  await cdkDestroy(context, cliOptions(options));
}

function cliOptions(options: DeploymentOptions) {
  const { projectRoot, localstack, connection, configFile, onProgress, onLine } = options;
  const variables = {
    SLUICE_DATABASE: JSON.stringify(connection),
    ...(configFile === undefined ? {} : { SLUICE_CONFIG: configFile }),
  };
  return { projectRoot, endpoint: localstack.endpoint, variables, onProgress, onLine };
}

/** `…/prod/` → `prod`. */
function stageOf(url: string): string {
  return url.replace(/\/$/, '').split('/').at(-1) ?? '';
}

async function isBootstrapped(endpoint: string): Promise<boolean> {
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const Bucket = `cdk-hnb659fds-assets-${account}-${region}`;
  return client.send(new HeadBucketCommand({ Bucket })).then(
    () => true,
    () => false,
  );
}
