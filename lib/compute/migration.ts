import { Duration } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Trigger } from 'aws-cdk-lib/triggers';
import { Construct, type IConstruct } from 'constructs';

export interface MigrationOrder {
  /** What `migrate` needs besides its settings: the endpoints of its network. */
  after: IConstruct[];
  /** Functions that need the new schema, with their versions and aliases. */
  before: Construct[];
}

/**
 * Runs `migrate` in the deployment when its code, migrations or environment (connection limits) have changed. Its
 * failure fails the deployment before the other functions are replaced.
 */
export class Migration extends Construct {
  constructor(scope: Construct, id: string, migrate: LambdaFunction, { after, before }: MigrationOrder) {
    super(scope, id);
    const run = new Trigger(this, 'Run', {
      handler: migrate,
      timeout: migrate.timeout ?? Duration.minutes(5),
      executeBefore: before,
    });
    run.node.addDependency(...after);
  }
}
