import { CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import type { EncryptionKey } from '../encryption/keys.ts';

/** The CDK's own functions that we use: one runs `migrate` in a deploy, the other empties a bucket that goes. */
const providers = [
  'AWSCDK.TriggerCustomResourceProviderCustomResourceProvider',
  'Custom::S3AutoDeleteObjectsCustomResourceProvider',
];

/**
 * Gives the functions of the CDK's custom resources in this stack a log group that forgets, is encrypted and goes with
 * the stack. Lambda would make one of its own, for ever, that no stack knows of. There is one such function in a stack,
 * however many pipelines; the first one's settings count.
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
