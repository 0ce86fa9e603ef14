import { resolve } from 'node:path';
import { Stage } from 'aws-cdk-lib';
import type { Rule } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import type { FunctionName } from '../lambda/runtime/environment.ts';
import { ImageApi } from './api/rest-api.ts';
import { Migration } from './compute/migration.ts';
import { PipelineFunctions } from './compute/pipeline-functions.ts';
import { keepProviderLogs } from './compute/provider-logs.ts';
import { SweepSchedule } from './compute/schedule.ts';
import { ConfigMistakes, resolveConfig } from './config/resolve.ts';
import type { ResolvedConfig, SluiceConfig } from './config/schema.ts';
import type { DatabaseSettings } from './data/connection.ts';
import { existingDatabase } from './data/connection.ts';
import { ownDatabase } from './data/database.ts';
import { type OnReadyOptions, ReadyEvents } from './events/ready-events.ts';
import { type BuiltFunction, buildFunctions } from './functions/build.ts';
import { deployTarget, type Target } from './functions/target.ts';
import { JobsQueue } from './queue/jobs-queue.ts';
import { JobsMapping } from './queue/mapping.ts';
import { FailedUploadEvents } from './queue/upload-events.ts';
import { ImageBucket } from './storage/bucket.ts';
import { PipelineKeys } from './storage/keys.ts';

export type { SluiceConfig } from './config/schema.ts';
export type { DatabaseSettings } from './data/connection.ts';
export type { OnReadyOptions } from './events/ready-events.ts';

/** Of the checkout, or of the installed package, where nothing is ever written: it may be read-only. */
const projectRoot = resolve(import.meta.dirname, '..');

export interface ImagePipelineProps {
  /** As in sluice.config.ts. */
  config: SluiceConfig;
  /** What paths in the configuration are relative to; by default the working folder, which is the one of cdk.json. */
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
  readonly keys: PipelineKeys;
  readonly #readyEvents: ReadyEvents;
  /** Network and database where they are this construct's own. */
  readonly #own: Construct[] = [];

  constructor(scope: Construct, id: string, props: ImagePipelineProps) {
    super(scope, id);
    this.config = this.#named(() => resolveConfig(props.config));
    const target = deployTarget(this.config);
    const built = props.functions ?? this.#named(() => this.#build(props, target));

    this.keys = new PipelineKeys(this, 'Keys', this.config);
    const { images, messages } = this.keys;
    this.jobs = new JobsQueue(this, 'Jobs', this.config, messages);
    this.bucket = new ImageBucket(this, 'Images', this.config, images);
    const failedUploadEvents = new FailedUploadEvents(this, 'FailedUploadEvents', this.config, messages);
    const database = props.database ?? this.#database();
    this.functions = new PipelineFunctions(this, 'Functions', {
      config: this.config,
      built,
      target,
      database,
      jobs: this.jobs,
      bucket: this.bucket,
      failedUploadEvents,
      keys: this.keys,
    });
    const { api, enqueue, process, sweep, migrate } = this.functions;
    this.bucket.notify(enqueue.alias);
    failedUploadEvents.catch(enqueue.alias);
    new JobsMapping(this, 'Mapping', this.config, this.jobs.queue, process.alias);
    new SweepSchedule(this, 'Sweep', sweep.alias);
    if (this.config.deploy.migration === 'deploy')
      new Migration(this, 'Migration', migrate.function, {
        after: this.#own,
        before: [api.function, process.function, sweep.function],
      });
    this.api = new ImageApi(this, 'Api', this.config, api.alias, messages);
    keepProviderLogs(this, this.config, messages);
    const { bucketName } = this.bucket;
    this.#readyEvents = new ReadyEvents(this, 'ReadyEvents', {
      process,
      bucketName,
      vpc: database.network?.vpc,
    });
    if (this.config.deploy.readyEvents) this.#readyEvents.sendTo();
  }

  /**
   * A rule that sends each image of this pipeline that becomes ready to a target, as an event with source `sluice`,
   * detail-type `Image ready` and detail `{bucket, tenant, id}`. It comes at least once, after the image is ready, and in no
   * order. Without this call (and without `deploy.readyEvents`) nothing is sent. In a network of the pipeline's own it brings
   * an endpoint of EventBridge, 7.30 USD a month in each zone; another network needs a way there.
   * @throws SecondEventBus
   */
  onReady(id: string, options: OnReadyOptions = {}): Rule {
    return this.#readyEvents.rule(id, options);
  }

  /** Says of which pipeline the mistakes are: an app may have several, and none is in sluice.config.ts there. */
  #named<T>(task: () => T): T {
    try {
      return task();
    } catch (error) {
      if (!(error instanceof ConfigMistakes)) throw error;
      throw new ConfigMistakes(error.mistakes, `The configuration of ${this.node.path}`);
    }
  }

  #build({ configRoot = process.cwd(), onProgress }: ImagePipelineProps, target: Target) {
    return buildFunctions({
      config: this.config,
      projectRoot,
      configRoot,
      // Beside the assets, and a folder for each pipeline: the next one has other settings.
      outDir: resolve(Stage.of(this)?.assetOutdir ?? 'cdk.out', 'sluice', this.node.addr),
      target,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
  }

  #database(): DatabaseSettings {
    const { connection } = this.config.database;
    if (connection !== undefined) return existingDatabase(new Construct(this, 'Existing'), connection);
    const { settings, parts } = ownDatabase(this, this.config);
    this.#own.push(...parts);
    return settings;
  }
}
