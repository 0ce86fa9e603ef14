import { Fn, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * A name followed by eight hex digits of the stack's GUID and by `ends`, joined by hyphens. Every new stack has a new
 * GUID, even under a name used before, so the name never collides with what an earlier stack or a failed deploy left.
 *
 * The value is known only at deployment, but before any resource exists: log groups can be created before their writers,
 * and a permission before its bucket.
 */
export function uniqueName(scope: Construct, name: string, ...ends: string[]): string {
  // arn:aws:cloudformation:<region>:<account>:stack/<name>/<guid>
  const guid = Fn.select(2, Fn.split('/', Stack.of(scope).stackId));
  return Fn.join('-', [name, Fn.select(0, Fn.split('-', guid)), ...ends]);
}
