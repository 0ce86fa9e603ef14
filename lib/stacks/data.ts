import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import type { DatabaseSettings } from '../data/connection.ts';
import { Database } from '../data/database.ts';
import { Network } from '../data/network.ts';

/** Network and database: stateful, rarely touched. Left out where the configuration names an existing database. */
export class DataStack extends Stack {
  readonly database: DatabaseSettings;

  constructor(scope: Construct, id: string, config: ResolvedConfig, props?: StackProps) {
    super(scope, id, props);
    this.database = new Database(this, 'Database', config, new Network(this, 'Network')).settings;
  }
}
