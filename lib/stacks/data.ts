import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import type { DatabaseSettings } from '../data/connection.ts';
import { ownDatabase } from '../data/database.ts';

/** Network and database: stateful and rarely changed. Omitted if the configuration names an existing database. */
export class DataStack extends Stack {
  readonly database: DatabaseSettings;

  constructor(scope: Construct, id: string, config: ResolvedConfig, props?: StackProps) {
    super(scope, id, props);
    this.database = ownDatabase(this, config).settings;
  }
}
