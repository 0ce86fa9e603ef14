import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { SluiceConfig } from '../config/schema.ts';
import type { DatabaseSettings } from '../data/connection.ts';
import { type ExistingServer, isServer, serverMistakes, vpcOf } from '../data/existing-server.ts';
import type { PipelineSettings } from './settings.ts';

/** What of the app the pipeline uses instead of making its own. docs/construct.md says what each must be. */
export interface ExistingResources {
  /**
   * A Postgres by its address, or a server of the app; by default `database.connection` of the configuration, and without
   * it a Postgres of the pipeline's own.
   */
  database?: DatabaseSettings | ExistingServer;
  /**
   * Where the functions run, and where a database of the pipeline's own stands. No endpoint is made in it. By default the
   * VPC of the database, or one of the pipeline's own.
   */
  vpc?: IVpc;
  /** By default the private ones of `vpc`. */
  vpcSubnets?: SubnetSelection;
  /** Must be versioned, and in the account and region of the pipeline. `incoming/` and `derived/` in it are taken. */
  bucket?: IBucket;
  /** Of bucket, queues and log groups, instead of two keys of their own. A database of the pipeline's own has its key. */
  encryptionKey?: IKey;
}

/** What does not go together, each with its paths. */
export function resourceMistakes(
  { database, vpc, vpcSubnets, bucket }: ExistingResources,
  config: SluiceConfig,
  { retention, storage }: PipelineSettings,
): string[] {
  const connection = config.database?.connection;
  const settings = isServer(database) ? undefined : database;
  const network = settings === undefined ? connection?.network : settings.network;
  const networkPath = settings === undefined ? 'config.database.connection.network' : 'database.network';
  const mistakes: [boolean, string][] = [
    [
      database !== undefined && connection !== undefined,
      'database and config.database.connection: one is enough',
    ],
    [
      storage !== undefined && (database ?? connection) !== undefined,
      "storage: is that of a database of the pipeline's own, and one is given",
    ],
    [vpcSubnets !== undefined && vpc === undefined, 'vpcSubnets: are of a VPC, which is not given as vpc'],
    [vpc !== undefined && network !== undefined, `vpc and ${networkPath}: the functions run in one network`],
    [
      isServer(database) && vpc === undefined && vpcOf(database) === undefined,
      'vpc: is needed, that of database.server is not known',
    ],
    [
      bucket !== undefined && config.deploy?.migration === 'invoke',
      'bucket and config.deploy.migration: the notification of a bucket that is there is made by a custom resource',
    ],
  ];
  // A bucket that is only known by its name keeps its rules.
  const unseen = bucket !== undefined && !(bucket instanceof Bucket);
  for (const name of ['originals', 'variants'] as const)
    mistakes.push([
      unseen && (retention?.[name] ?? config.retention?.[`${name}Days`]) !== undefined,
      `bucket and retention.${name}: the lifecycle of an imported bucket cannot be changed`,
    ]);
  return [
    ...mistakes.flatMap(([found, mistake]) => (found ? [mistake] : [])),
    ...(isServer(database) ? serverMistakes(database) : []),
  ];
}
