import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/**
 * A secret as policies name it: IAM compares whole ARNs, and of one that was imported by its name the app does not know
 * the six characters that Secrets Manager puts behind it.
 */
export function secretInPolicies({ secretFullArn, secretArn }: ISecret): string {
  return secretFullArn ?? `${secretArn}-??????`;
}
