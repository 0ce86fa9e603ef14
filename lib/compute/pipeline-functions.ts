import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { EnvironmentOf, FunctionName } from '../../lambda/runtime/environment.ts';
import type { BuiltFunction } from '../build/build.ts';
import { functionSpecifications } from '../build/specifications.ts';
import type { Target } from '../build/target.ts';
import { connectionLimits } from '../config/budget.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import type { DatabaseSettings } from '../data/connection.ts';
import { accessAs, accessAsOwner } from '../data/database-access.ts';
import type { PipelineKeys } from '../encryption/keys.ts';
import { allow } from '../policies/allow.ts';
import type { FailedUploadEvents } from '../queue/failed-upload-events.ts';
import { pollStatement } from '../queue/jobs-mapping.ts';
import type { JobsQueue } from '../queue/jobs-queue.ts';
import type { ImageStore } from '../storage/image-store.ts';
import { PipelineFunction } from './pipeline-function.ts';

export interface FunctionsProps {
  config: ResolvedConfig;
  built: Record<FunctionName, BuiltFunction>;
  target: Target;
  database: DatabaseSettings;
  jobs: JobsQueue;
  bucket: ImageStore;
  failedUploadEvents: FailedUploadEvents;
  keys: PipelineKeys;
}

/** All functions of the pipeline, each with what it may do and no more. */
export class PipelineFunctions extends Construct {
  readonly api: PipelineFunction<'api'>;
  readonly enqueue: PipelineFunction<'enqueue'>;
  readonly process: PipelineFunction<'process'>;
  readonly sweep: PipelineFunction<'sweep'>;
  readonly migrate: PipelineFunction<'migrate'>;
  readonly #props: FunctionsProps;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    this.#props = props;
    const { database, failedUploadEvents, bucket, jobs, keys } = props;
    const queueArn = jobs.queue.queueArn;
    const send = allow('SendJobs', ['sqs:SendMessage'], [queueArn]);
    // To send, SQS makes a data key of the queue's key, or reads the one that it made within the last five minutes.
    const seal = allow('SealJobs', ['kms:GenerateDataKey', 'kms:Decrypt'], [keys.messages.key.keyArn]);
    const images =
      bucket.key === undefined
        ? []
        : [allow('Images', ['kms:GenerateDataKey', 'kms:Decrypt'], [bucket.key.keyArn])];
    const incoming = bucket.bucket.arnForObjects('incoming/*');
    const derived = bucket.bucket.arnForObjects('derived/*');
    // S3 tells only those who may list that an object is not there; to all others HEAD says 403.
    const list = allow('TellMissing', ['s3:ListBucket'], [bucket.bucket.bucketArn]);
    const versions = allow('Versions', ['s3:ListBucketVersions'], [bucket.bucket.bucketArn]);
    const places = { BUCKET_NAME: bucket.bucketName, JOBS_QUEUE_URL: jobs.queue.queueUrl };

    const api = accessAs(this, database, 'sluice_api');
    this.api = this.#make('api', 'Answers the REST API', { ...api.environment, ...places }, [
      ...api.statements,
      // Its presigned POSTs and GETs carry these rights to whoever holds them.
      allow('Originals', ['s3:GetObject', 's3:PutObject'], [incoming]),
      allow('Variants', ['s3:GetObject'], [derived]),
      ...images,
      list,
      send,
      seal,
    ]);

    this.enqueue = this.#make(
      'enqueue',
      'Turns upload events into jobs',
      { JOBS_QUEUE_URL: places.JOBS_QUEUE_URL },
      [send, seal, allow('Failures', ['sqs:SendMessage'], [failedUploadEvents.queue.queueArn])],
    );

    const process = accessAs(this, database, 'sluice_process');
    const deadLetters = { DEAD_LETTERS_QUEUE_URL: jobs.deadLetters.queueUrl };
    this.process = this.#make(
      'process',
      'Makes variants',
      { ...process.environment, ...places, ...deadLetters },
      [
        ...process.statements,
        pollStatement(jobs.queue),
        allow('Postpone', ['sqs:ChangeMessageVisibility'], [queueArn]),
        allow('DeadLetters', ['sqs:SendMessage'], [jobs.deadLetters.queueArn]),
        // It opens what it polls and seals what it sends.
        seal,
        // A version of an original, by its id: the upload that came first.
        allow('Originals', ['s3:GetObjectVersion'], [incoming]),
        allow('Variants', ['s3:GetObject', 's3:PutObject'], [derived]),
        ...images,
        list,
        versions,
      ],
    );

    const sweep = accessAs(this, database, 'sluice_sweep');
    this.sweep = this.#make('sweep', 'Puts right what was left', { ...sweep.environment, ...places }, [
      ...sweep.statements,
      // It lists what is there and deletes all versions of it; neither needs their key.
      allow('Originals', ['s3:DeleteObjectVersion'], [incoming]),
      allow('Variants', ['s3:DeleteObjectVersion'], [derived]),
      versions,
      send,
      seal,
      allow('Depth', ['sqs:GetQueueAttributes'], [queueArn]),
    ]);

    const owner = accessAsOwner(this, database);
    this.migrate = this.#make(
      'migrate',
      'Migrates the database and makes tenants',
      {
        ...owner.environment,
        ...connectionLimits(props.config, database.pooled),
        ROLES_POOLED: database.pooled === true ? 'yes' : 'no',
        ...(database.roles.auth === 'password' ? { ROLES_SECRET_ARN: database.roles.secret.secretArn } : {}),
      },
      owner.statements,
    );
  }

  #make<Name extends FunctionName>(
    name: Name,
    description: string,
    environment: EnvironmentOf<Name>,
    statements: PolicyStatement[],
  ): PipelineFunction<Name> {
    const { config, built, target, database, keys } = this.#props;
    return new PipelineFunction<Name>(this, name, {
      config,
      // Functions that are shared were built for another configuration, whose numbers are not these.
      built: { ...built[name], specification: functionSpecifications(config)[name] },
      target,
      description,
      environment,
      statements,
      logKey: keys.messages,
      // enqueue too, which needs no database: in there it reaches SQS and nothing else.
      network: database.network,
    });
  }
}
