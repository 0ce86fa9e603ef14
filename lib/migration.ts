import { Duration } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Trigger } from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';

/**
 * Runs `migrate` in the deploy, whenever its code, its migrations or its environment (the connection limits) have
 * changed, and before the functions that need the new schema. It fails the deploy when it fails.
 */
export class Migration extends Construct {
  constructor(scope: Construct, id: string, migrate: LambdaFunction, before: readonly LambdaFunction[]) {
    super(scope, id);
    new Trigger(this, 'Run', {
      handler: migrate,
      // As long as the function itself may take.
      timeout: migrate.timeout ?? Duration.minutes(5),
      executeBefore: [...before],
    });
  }
}
