import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { functionOf, invokeFunction } from '../../../bin/operate/invoke-function.ts';
import { connectionTimeout } from '../../../lib/preflight/queries/clients.ts';

/** How long a client waits until somebody takes its connection. */
async function patienceOf(client: { config: { requestHandler: object } }): Promise<unknown> {
  const { configProvider } = client.config.requestHandler as { configProvider: Promise<object> };
  return configProvider;
}

it('the command fails within seconds without a connection, and waits 15 minutes for a running migration', async () => {
  const seen: unknown[] = [];
  mockClient(CloudFormationClient)
    .on(DescribeStacksCommand)
    .callsFake(async (_, client) => {
      seen.push(await patienceOf(client()));
      return { Stacks: [{ Outputs: [{ OutputKey: 'MigrateFunction', OutputValue: 'migrate' }] }] };
    });
  mockClient(LambdaClient)
    .on(InvokeCommand)
    .callsFake(async (_, client) => {
      seen.push(await patienceOf(client()));
      return { Payload: Buffer.from('{}') };
    });
  await invokeFunction(
    await functionOf('SluiceDevPipeline', 'eu-west-1', 'MigrateFunction'),
    {},
    'eu-west-1',
  );
  expect(seen).toMatchObject([{ connectionTimeout }, { connectionTimeout, requestTimeout: 900_000 }]);
});
