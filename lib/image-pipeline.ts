import { resolve } from 'node:path';
import { Stack, Stage } from 'aws-cdk-lib';
import { Connections, type IConnectable, type ISecurityGroup, type IVpc } from 'aws-cdk-lib/aws-ec2';
import type { IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { ImageApi } from './api/rest-api.ts';
import { type BuiltFunction, buildFunctions } from './bundling/build.ts';
import { deployTarget, type Target } from './bundling/target.ts';
import { type Catalogue, catalogue, type FunctionName } from './catalogue/catalogue.ts';
import { onlyOne, queueConsumers, roleUses, scheduled } from './catalogue/select.ts';
import { grantApiKey, grantInvoke, grantVariants } from './compute/grants.ts';
import { Migration } from './compute/migration.ts';
import { type PipelineFunctions, pipelineFunctions } from './compute/pipeline-functions.ts';
import { keepProviderLogs } from './compute/provider-logs.ts';
import { FunctionSchedule, QueueSchedule } from './compute/schedule.ts';
import { ConfigMistakes } from './config/resolve.ts';
import type { ResolvedConfig, SluiceConfig } from './config/schema.ts';
import type { DatabaseSettings } from './data/connection.ts';
import { countersAccess } from './data/counters-access.ts';
import { pipelineDatabase } from './data/pipeline-database.ts';
import { PipelineKeys } from './encryption/keys.ts';
import { ImageEvents, type OnReadyOptions } from './events/image-events.ts';
import { KafkaSource } from './events/kafka-source.ts';
import { pipelineName } from './naming/pipeline-name.ts';
import { ConsumerLag } from './observe/consumer-lag.ts';
import { MeasuredPipeline } from './observe/measured.ts';
import type { ExistingResources } from './props/existing-resources.ts';
import { resolveSettings } from './props/resolve-settings.ts';
import type { PipelineSettings } from './props/settings.ts';
import { FailedUploadEvents } from './queue/failed-upload-events.ts';
import { InnerQueues } from './queue/inner-queues.ts';
import { JobsMapping } from './queue/jobs-mapping.ts';
import { JobsQueue } from './queue/jobs-queue.ts';
import { QueueMapping } from './queue/queue-mapping.ts';
import { ImageBucket } from './storage/bucket.ts';
import { ExistingBucket } from './storage/existing-bucket.ts';
import type { ImageStore } from './storage/image-store.ts';

export type { SluiceConfig } from './config/schema.ts';
export type { CacheSettings, DatabaseSettings, FunctionNetwork, RoleLogin } from './data/connection.ts';
export type { ExistingServer } from './data/existing-server.ts';
export type { OnReadyOptions } from './events/image-events.ts';
export type { ExistingResources } from './props/existing-resources.ts';
export type { PipelineSettings } from './props/settings.ts';
export type { ImageStore } from './storage/image-store.ts';

const capitalised = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** Root of the checkout or of the installed package, which may be read-only. */
const projectRoot = resolve(import.meta.dirname, '..');

export interface ImagePipelineProps extends PipelineSettings, ExistingResources {
  /** As in sluice.config.ts. */
  config: SluiceConfig;
  /** Base of relative paths in the configuration; by default the working folder, that of cdk.json. */
  configRoot?: string;
  /** Functions that are already built, to share them between pipelines or tests. */
  functions?: Record<FunctionName, BuiltFunction>;
  onProgress?: (line: string) => void;
  /** Functions to deploy; by default all. @internal */
  catalogue?: Catalogue;
}

/**
 * The whole pipeline: API, bucket, queue, functions, schedule and database migration. Its connections are those of its
 * functions.
 * @throws ConfigMistakes, BuildFailed, or a broken rule with its arithmetic.
 */
export class ImagePipeline extends MeasuredPipeline implements IConnectable {
  readonly config: ResolvedConfig;
  readonly api: ImageApi;
  readonly bucket: ImageStore;
  readonly jobs: JobsQueue;
  readonly failedUploadEvents: FailedUploadEvents;
  readonly functions: PipelineFunctions;
  readonly keys: PipelineKeys;
  protected readonly consumerLag: ConsumerLag;
  /** Its own or the given database: address, login and, if known, server and connections. */
  readonly database: DatabaseSettings;
  /** From ImageJobs to `process`; `mapping.eventSourceMappingId` serves to stop and start it. */
  readonly mapping: JobsMapping['mapping'];
  /** Connections of the functions; without security groups outside a VPC. */
  readonly connections: Connections;
  readonly #events: ImageEvents;

  constructor(scope: Construct, id: string, props: ImagePipelineProps) {
    super(scope, id);
    this.config = this.#named(() => resolveSettings(props.config, props, Stack.of(this)));
    const target = deployTarget(this.config);
    const functions = props.catalogue ?? catalogue;
    const built = props.functions ?? this.#named(() => this.#build(props, target));

    this.keys = new PipelineKeys(this, 'Keys', this.config, {
      existing: props.encryptionKey,
      ownBucket: props.bucket === undefined,
    });
    const { messages } = this.keys;
    this.jobs = new JobsQueue(this, 'Jobs', this.config, messages);
    this.bucket = this.#bucket(props);
    this.failedUploadEvents = new FailedUploadEvents(this, 'FailedUploadEvents', this.config, messages);
    const inner = new InnerQueues(this, 'Queues', this.config, { key: messages, functions });
    const { settings, parts } = pipelineDatabase(this, this.config, props);
    this.database = settings;
    this.connections = new Connections({ securityGroups: this.securityGroups });
    this.functions = pipelineFunctions(this, 'Functions', {
      config: this.config,
      functions,
      built,
      target,
      database: settings,
      jobs: this.jobs,
      bucket: this.bucket,
      failedUploadEvents: this.failedUploadEvents,
      inner,
      keys: this.keys,
      counters: this.#named(() => countersAccess(this, this.config, settings)),
      pipelineName: pipelineName(this),
    });
    const started = (by: Parameters<typeof onlyOne>[0]) => this.functions[onlyOne(by, functions)];
    const uploads = started('s3-upload').alias;
    this.bucket.notify(uploads);
    this.failedUploadEvents.catch(uploads);
    const process = started('sqs-jobs');
    this.mapping = new JobsMapping(this, 'Mapping', this.config, this.jobs.queue, process.alias).mapping;
    for (const [name, everySeconds] of scheduled(functions))
      if (functions[name].trigger.kind === 'schedule')
        new FunctionSchedule(this, capitalised(name), this.functions[name].alias, everySeconds);
    for (const { name, trigger } of queueConsumers(functions)) {
      const queue = inner.queues[trigger.queue];
      new QueueMapping(this, `${capitalised(name)}Mapping`, this.config, {
        queue,
        target: this.functions[name].alias,
        trigger,
      });
      if (trigger.everySeconds !== undefined)
        new QueueSchedule(this, capitalised(name), {
          queue,
          key: this.keys.messages,
          everySeconds: trigger.everySeconds,
        });
    }
    if (this.config.deploy.migration === 'deploy')
      new Migration(this, 'Migration', started('deploy').function, {
        after: parts,
        before: roleUses(functions).map(({ name }) => this.functions[name].function),
      });
    const targets = { api: started('rest-api').alias, stream: started('rest-stream').alias };
    this.api = new ImageApi(this, 'Api', this.config, targets, messages);
    keepProviderLogs(this, this.config, messages);
    this.#events = new ImageEvents(this, 'Events', this.config, {
      relay: this.functions.relay,
      bucketArn: this.bucket.bucket.bucketArn,
      vpc: this.vpc,
    });
    const { relay, analytics, audit } = this.functions;
    const { kafka } = this.config.events;
    if (kafka !== undefined)
      new KafkaSource(this, 'Kafka', {
        kafka,
        relay,
        consumers: { analytics, audit },
        refusedEventsArn: inner.queues.refusedEvents.queueArn,
        network: this.database.network,
      });
    this.consumerLag = new ConsumerLag(this, 'ConsumerLag', {
      consumers: {
        analytics: { function: analytics, queue: inner.queues.analyticsEvents },
        audit: { function: audit, queue: inner.queues.auditEvents },
      },
      config: this.config,
    });
  }

  /**
   * Adds a rule that sends an event to a target for each image that becomes ready: source `sluice`, detail-type
   * `image.ready`, the CloudEvent as detail (docs/events.md). Delivered at least once, after the image is ready. A network
   * of the pipeline's own has an endpoint of EventBridge, 7.30 USD a month per zone; other networks need a route to it.
   */
  onReady(id: string, options: OnReadyOptions = {}): Rule {
    return this.#events.rule(id, options);
  }

  /** The bus that gets the events of all images; undefined with `events.eventBridge: false`. */
  get eventBus(): IEventBus | undefined {
    return this.#events.bus;
  }

  /** URL of the page and root of the API. */
  get url(): string {
    return this.api.restApi.url;
  }

  /** VPC of the functions; undefined if they need none. */
  get vpc(): IVpc | undefined {
    return this.database.network?.vpc;
  }

  /** Security groups of the functions. */
  get securityGroups(): ISecurityGroup[] {
    return this.database.network?.securityGroups ?? [];
  }

  /** Log groups of every function, the gateway and the firewall. */
  get logGroups(): ILogGroup[] {
    const { accessLogs, errorLogs, firewall } = this.api;
    return [
      ...Object.values(this.functions).map(({ logGroup }) => logGroup),
      ...[accessLogs, errorLogs],
      ...(firewall === undefined ? [] : [firewall.logGroup]),
    ];
  }

  /**
   * Lets a role or user of this account read variants (`derived/`): no originals, no listing.
   * @throws GrantImpossible
   */
  grantRead(grantee: IGrantable): Grant {
    return grantVariants(grantee, Stack.of(this), this.bucket);
  }

  /**
   * Lets a role or user of this account read an API key. IAM does not restrict uploads: any holder of a tenant's key
   * may send images to `url`, and objects under `incoming/` without a ticket are ignored.
   * @param apiKey secret with a key from `operate`.
   * @throws GrantImpossible
   */
  grantUpload(grantee: IGrantable, apiKey: ISecret): Grant {
    return grantApiKey(grantee, Stack.of(this), apiKey);
  }

  /**
   * Lets a role or user of this account invoke the live version of `operate`, which creates tenants, creates and revokes
   * keys, and reports on images.
   * @throws GrantImpossible
   */
  grantManage(grantee: IGrantable): Grant {
    return grantInvoke(grantee, Stack.of(this), this.functions.operate.alias);
  }

  /**
   * Lets a role or user of this account invoke the live version of `migrate`. A deploy does not need it, unless
   * `deploy.migration` is `invoke`.
   * @throws GrantImpossible
   */
  grantMigrate(grantee: IGrantable): Grant {
    return grantInvoke(grantee, Stack.of(this), this.functions.migrate.alias);
  }

  /** Names the pipeline in its errors, because an app may have several. */
  #named<T>(task: () => T): T {
    try {
      return task();
    } catch (error) {
      if (!(error instanceof ConfigMistakes)) throw error;
      throw new ConfigMistakes(error.mistakes, `The configuration of ${this.node.path}`);
    }
  }

  #build({ configRoot = process.cwd(), onProgress, ...props }: ImagePipelineProps, target: Target) {
    return buildFunctions({
      config: this.config,
      projectRoot,
      configRoot,
      // Next to the assets, in a folder per pipeline, because settings differ.
      outDir: resolve(Stage.of(this)?.assetOutdir ?? 'cdk.out', 'sluice', this.node.addr),
      target,
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(props.catalogue === undefined ? {} : { functions: props.catalogue }),
    });
  }

  #bucket({ bucket }: ExistingResources): ImageStore {
    const { images } = this.keys;
    if (bucket !== undefined) return new ExistingBucket(this, 'Images', this.config, bucket);
    if (images === undefined) throw new TypeError('a bucket of our own has a key');
    return new ImageBucket(this, 'Images', this.config, images);
  }
}
