import { Fn, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * A name with eight hex digits of the stack's own GUID behind it, and `ends` behind those, joined by hyphens. CloudFormation makes that anew for each stack, also
 * for one of a name that was there before: what an earlier stack or a failed deploy has left is never met again.
 *
 * Known at the deploy only, but before any resource is: by it log groups can be made before what writes to them, and a
 * permission before the bucket that it is for.
 */
export function uniqueName(scope: Construct, name: string, ...ends: string[]): string {
  // arn:aws:cloudformation:<region>:<account>:stack/<name>/<guid>
  const guid = Fn.select(2, Fn.split('/', Stack.of(scope).stackId));
  return Fn.join('-', [name, Fn.select(0, Fn.split('-', guid)), ...ends]);
}
