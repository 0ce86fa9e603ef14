import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** An allowing statement with explicit actions and resources. `sid` states its purpose. */
export function allow(
  sid: string,
  actions: readonly string[],
  resources: readonly string[],
): PolicyStatement {
  return new PolicyStatement({ sid, actions: [...actions], resources: [...resources] });
}
