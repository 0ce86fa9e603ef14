import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListFunctionsCommand,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import {
  GetQueueAttributesCommand,
  type QueueAttributeName,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { FunctionName } from '../../../lib/catalogue/catalogue.ts';
import { deploy, destroy, migrate } from '../../../local/localstack/deployment.ts';
import { credentials, region } from '../../../local/localstack/localstack.ts';
import { type Inventory, takeInventory } from './inventory.ts';
import type { SuiteDeployment } from './suite-deployment.ts';

/** The settings that the counter-example changes in a deployment. */
export interface Caps {
  /** Reserved concurrency of `process`; MaximumConcurrency of its mapping stays. */
  reserved: number;
  maxReceiveCount: number;
  visibilitySeconds: number;
}

/** Operations on a deployment that the local runner does not have. */
export interface CloudControls {
  /** Types of the deployment that the target skipped silently. */
  surprises: string[] | undefined;
  caps(): Promise<Caps>;
  setCaps(caps: Caps): Promise<void>;
  /**
   * Deploys again, with another configuration of test/behaviour/support.
   * @param onChange called when the app is synthesised and its assets are published, shortly before resources change
   */
  deployAgain(configFile: string, onChange: () => void): Promise<void>;
  destroy(): Promise<void>;
  /** Runs a command of bin with these arguments. @returns its status and output */
  command(file: string, ...args: string[]): Promise<{ status: number; output: string }>;
  /** The event buses of the account. */
  events: EventBridgeClient;
  /** ARN of the pipeline's own bus. */
  ownBus(): Promise<string>;
  /** Resources before the deployment and now. */
  before: Inventory;
  inventory(): Promise<Inventory>;
}

const projectRoot = resolve(import.meta.dirname, '..', '..', '..');
export const configFile = (name: string) => resolve(import.meta.dirname, name);

export function cloudControls(deployment: SuiteDeployment, sqs: SQSClient): CloudControls {
  const { endpoint, origin, deployed, connection, before } = deployment;
  const lambda = new LambdaClient({ endpoint, region, credentials });
  const options = (name: string) => ({
    projectRoot,
    localstack: { endpoint, origin, caps: true, log: async () => undefined },
    connection,
    configFile: configFile(name),
    onProgress: (line: string) => void process.stdout.write(`  ${line}\n`),
  });
  const queue = { QueueUrl: deployed.jobsQueueUrl };

  async function deployedName(of: FunctionName): Promise<string> {
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
    const found = Functions.map(({ FunctionName = '' }) => FunctionName).find((name) =>
      name.startsWith(`${deployed.stack}-ImagesFunctions${of}`),
    );
    if (found === undefined) throw new Error(`there is no function ${of}`);
    return found;
  }

  return {
    surprises: deployed.surprises,
    events: new EventBridgeClient({ endpoint, region, credentials }),
    async ownBus() {
      const FunctionName = await deployedName('relay');
      const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      const [bus] = (Environment?.Variables?.EVENT_BUSES ?? '').split(',');
      if (bus === undefined || bus === '') throw new Error('the relay has no bus');
      return bus;
    },
    before,
    inventory: () => takeInventory(endpoint),
    async caps() {
      const AttributeNames: QueueAttributeName[] = ['RedrivePolicy', 'VisibilityTimeout'];
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ ...queue, AttributeNames }));
      const FunctionName = await deployedName('process');
      const { ReservedConcurrentExecutions: reserved = 0 } = await lambda.send(
        new GetFunctionConcurrencyCommand({ FunctionName }),
      );
      const { maxReceiveCount } = JSON.parse(Attributes?.RedrivePolicy ?? '{}') as {
        maxReceiveCount: number;
      };
      return {
        reserved,
        maxReceiveCount: Number(maxReceiveCount),
        visibilitySeconds: Number(Attributes?.VisibilityTimeout),
      };
    },
    async setCaps({ reserved: ReservedConcurrentExecutions, maxReceiveCount, visibilitySeconds }) {
      const FunctionName = await deployedName('process');
      await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
      const policy = await sqs.send(
        new GetQueueAttributesCommand({ ...queue, AttributeNames: ['RedrivePolicy'] }),
      );
      const redrive = JSON.parse(policy.Attributes?.RedrivePolicy ?? '{}') as object;
      await sqs.send(
        new SetQueueAttributesCommand({
          ...queue,
          Attributes: {
            RedrivePolicy: JSON.stringify({ ...redrive, maxReceiveCount }),
            VisibilityTimeout: String(visibilitySeconds),
          },
        }),
      );
    },
    async deployAgain(name, onChange) {
      await deploy({
        ...options(name),
        onLine: (line) => {
          if (/creating CloudFormation changeset/.test(line)) onChange();
        },
      });
      await migrate(options(name), deployed);
    },
    destroy: () => destroy(options('config.ts'), deployed),
    command: (file, ...args) =>
      new Promise((resolveResult) => {
        const env = {
          ...process.env,
          AWS_ENDPOINT_URL: endpoint,
          AWS_REGION: region,
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          SLUICE_CONFIG: configFile('config.ts'),
        };
        const script = join(projectRoot, 'bin', file);
        execFile(process.execPath, [script, ...args], { env }, (error, stdout, stderr) => {
          resolveResult({ status: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}` });
        });
      }),
  };
}
