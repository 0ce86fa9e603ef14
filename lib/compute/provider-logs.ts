import { CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import type { EncryptionKey } from '../encryption/keys.ts';

/** The CDK's functions that we use: one runs `migrate` in a deployment, the other empties a deleted bucket. */
const providers = [
  'AWSCDK.TriggerCustomResourceProviderCustomResourceProvider',
  'Custom::S3AutoDeleteObjectsCustomResourceProvider',
];

/**
 * Gives the CDK's custom resource functions an encrypted log group with retention that is deleted with the stack;
 * Lambda's own would stay for ever. They exist once per stack; the first pipeline's settings count.
 */
export function keepProviderLogs(scope: Construct, { deploy }: ResolvedConfig, { key }: EncryptionKey): void {
  const stack = Stack.of(scope);
  for (const id of providers) {
    const provider = stack.node.tryFindChild(id);
    const handler = provider?.node.tryFindChild('Handler');
    if (provider?.node.tryFindChild('Logs') !== undefined || !CfnResource.isCfnResource(handler)) continue;
    const logs = new LogGroup(provider as Construct, 'Logs', {
      retention: deploy.logDays,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    handler.addPropertyOverride('LoggingConfig', { LogGroup: logs.logGroupName });
  }
}
