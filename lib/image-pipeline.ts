import { join, resolve } from 'node:path';
import { Construct } from 'constructs';
import type { FunctionName } from '../lambda/runtime/environment.ts';
import { ImageApi } from './api/rest-api.ts';
import { Migration } from './compute/migration.ts';
import { PipelineFunctions } from './compute/pipeline-functions.ts';
import { SweepSchedule } from './compute/schedule.ts';
import { resolveConfig } from './config/resolve.ts';
import type { ResolvedConfig, SluiceConfig } from './config/schema.ts';
import type { DatabaseSettings } from './data/connection.ts';
import { existingDatabase } from './data/connection.ts';
import { Database } from './data/database.ts';
import { Network } from './data/network.ts';
import { type BuiltFunction, buildFunctions } from './functions/build.ts';
import { deployTarget, type Target } from './functions/target.ts';
import { JobsQueue } from './queue/jobs-queue.ts';
import { JobsMapping } from './queue/mapping.ts';
import { FailedUploadEvents } from './queue/upload-events.ts';
import { ImageBucket } from './storage/bucket.ts';

const projectRoot = resolve(import.meta.dirname, '..');

export interface ImagePipelineProps {
  /** As in sluice.config.ts. */
  config: SluiceConfig;
  /** What paths in the configuration are relative to; by default Sluice's own root. */
  configRoot?: string;
  /** By default `database.connection` of the configuration, and without it a network and a Postgres of its own. */
  database?: DatabaseSettings;
  /** Functions that are built already, so that several pipelines (or tests) need not build them again. */
  functions?: Record<FunctionName, BuiltFunction>;
  onProgress?: (line: string) => void;
}

/**
 * The whole pipeline: API, bucket, queue, functions, schedule and the migration of its database.
 * @throws ConfigMistakes, BuildFailed, or a broken rule with its arithmetic.
 */
export class ImagePipeline extends Construct {
  readonly config: ResolvedConfig;
  readonly api: ImageApi;
  readonly bucket: ImageBucket;
  readonly jobs: JobsQueue;
  readonly functions: PipelineFunctions;
  /** Network and database where they are this construct's own. */
  readonly #own: Construct[] = [];

  constructor(scope: Construct, id: string, props: ImagePipelineProps) {
    super(scope, id);
    this.config = resolveConfig(props.config);
    const target = deployTarget(this.config);
    const built = props.functions ?? this.#build(props, target);

    this.jobs = new JobsQueue(this, 'Jobs', this.config);
    this.bucket = new ImageBucket(this, 'Images', this.config);
    const failedUploadEvents = new FailedUploadEvents(this, 'FailedUploadEvents');
    this.functions = new PipelineFunctions(this, 'Functions', {
      config: this.config,
      built,
      target,
      database: props.database ?? this.#database(),
      jobs: this.jobs,
      bucket: this.bucket,
      failedUploadEvents,
    });
    const { api, enqueue, process, sweep, migrate } = this.functions;
    this.bucket.notify(enqueue);
    failedUploadEvents.catch(enqueue);
    new JobsMapping(this, 'Mapping', this.config, this.jobs.queue, process);
    new SweepSchedule(this, 'Sweep', sweep);
    if (this.config.deploy.migration === 'deploy')
      new Migration(this, 'Migration', migrate, { after: this.#own, before: [api, process, sweep] });
    this.api = new ImageApi(this, 'Api', this.config, api);
  }

  #build({ configRoot = projectRoot, onProgress }: ImagePipelineProps, target: Target) {
    return buildFunctions({
      config: this.config,
      projectRoot,
      configRoot,
      outDir: join(projectRoot, '.build', `${target.os}-${target.cpu}`),
      target,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
  }

  #database(): DatabaseSettings {
    const { connection } = this.config.database;
    if (connection !== undefined) return existingDatabase(new Construct(this, 'Existing'), connection);
    const network = new Network(this, 'Network');
    const database = new Database(this, 'Database', this.config, network);
    this.#own.push(network, database);
    return database.settings;
  }
}
