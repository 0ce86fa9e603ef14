import { Construct } from 'constructs';
import type { EnvironmentPart, VariablesOf } from '../../lambda/runtime/environment-parts.ts';
import type { BuiltFunction } from '../bundling/build.ts';
import { functionSpecifications } from '../bundling/specifications.ts';
import type { Target } from '../bundling/target.ts';
import type { Catalogue, FunctionName } from '../catalogue/catalogue.ts';
import type { FunctionDefinition } from '../catalogue/definition.ts';
import { eachInnerQueue } from '../catalogue/inner-queues.ts';
import type { Permission, Resource } from '../catalogue/permissions.ts';
import { eachFunction } from '../catalogue/select.ts';
import { roleShares } from '../config/budget.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import type { DatabaseSettings } from '../data/connection.ts';
import type { CountersAccess } from '../data/counters-access.ts';
import { accessAs, accessAsOwner, type DatabaseAccess } from '../data/database-access.ts';
import type { PipelineKeys } from '../encryption/keys.ts';
import { allow } from '../policies/allow.ts';
import type { FailedUploadEvents } from '../queue/failed-upload-events.ts';
import type { InnerQueues } from '../queue/inner-queues.ts';
import type { JobsQueue } from '../queue/jobs-queue.ts';
import type { ImageStore } from '../storage/image-store.ts';
import { kafkaEnvironment } from './kafka-environment.ts';
import { PipelineFunction } from './pipeline-function.ts';

export interface FunctionsProps {
  config: ResolvedConfig;
  functions: Catalogue;
  built: Record<FunctionName, BuiltFunction>;
  target: Target;
  database: DatabaseSettings;
  jobs: JobsQueue;
  bucket: ImageStore;
  failedUploadEvents: FailedUploadEvents;
  inner: InnerQueues;
  keys: PipelineKeys;
  counters: CountersAccess;
  /** In CloudWatch. */
  pipelineName: string;
}

export type PipelineFunctions = Readonly<Record<FunctionName, PipelineFunction>>;

/** Creates every function of the catalogue, each with only the permissions it needs. */
export function pipelineFunctions(scope: Construct, id: string, props: FunctionsProps): PipelineFunctions {
  const { config, functions, built, target, database, keys, counters } = props;
  const within = new Construct(scope, id);
  const specifications = functionSpecifications(config, functions);
  const variables = variablesOf(props);
  const arns = arnsOf(props);
  return eachFunction(functions, (name, definition) => {
    const access = databaseAccess(within, database, definition);
    return new PipelineFunction(within, name, {
      config,
      // Shared functions were built for another configuration with other numbers.
      built: { ...built[name], specification: specifications[name] },
      target,
      description: definition.description,
      environment: Object.assign(
        {},
        access?.environment,
        ...definition.environment.map((part) => (part === 'database' ? {} : variables[part])),
      ),
      statements: [
        ...(access?.statements ?? []),
        ...(definition.environment.some((part) => part === 'counters') ? counters.statements : []),
        ...definition.mayTouch.flatMap((permission) => statementOf(permission, arns)),
      ],
      logKey: keys.messages,
      // Also without a database: then they reach only the VPC's endpoints.
      network: definition.network === 'internet' ? undefined : database.network,
    });
  });
}

function databaseAccess(
  scope: Construct,
  database: DatabaseSettings,
  { database: use }: FunctionDefinition,
): DatabaseAccess | undefined {
  if (use === undefined) return undefined;
  return use.role === 'owner' ? accessAsOwner(scope, database) : accessAs(scope, database, use.role);
}

/** Variables of each part except the database's, which differ by role. A missing one does not compile. */
function variablesOf(props: FunctionsProps): {
  [Part in Exclude<EnvironmentPart, 'database'>]: VariablesOf<Part>;
} {
  const { config, functions, database, bucket, jobs, inner, counters } = props;
  const { roles, pooled } = database;
  return {
    bucket: { BUCKET_NAME: bucket.bucketName },
    jobs: { JOBS_QUEUE_URL: jobs.queue.queueUrl },
    deadLetters: { DEAD_LETTERS_QUEUE_URL: jobs.deadLetters.queueUrl },
    nudges: { NUDGES_QUEUE_URL: inner.queues.nudges.queueUrl },
    metrics: { METRICS_PIPELINE: props.pipelineName },
    // The buses are set by ImageEvents.
    eventBridge: { EVENT_BUCKET_ARN: bucket.bucket.bucketArn },
    deliveries: { DELIVERIES_QUEUE_URL: inner.queues.deliveries.queueUrl },
    refusedEvents: { REFUSED_EVENTS_QUEUE_URL: inner.queues.refusedEvents.queueUrl },
    eventQueues: {
      ANALYTICS_EVENTS_QUEUE_URL: inner.queues.analyticsEvents.queueUrl,
      AUDIT_EVENTS_QUEUE_URL: inner.queues.auditEvents.queueUrl,
    },
    kafka: kafkaEnvironment(config.events.kafka),
    deliveryResults: { DELIVERY_RESULTS_QUEUE_URL: inner.queues.deliveryResults.queueUrl },
    // Set by an operator.
    moreRoots: {},
    blockedLoaders: {},
    counters: counters.environment,
    roles: {
      DATABASE_ROLES: JSON.stringify(roleShares(config, pooled, functions)),
      ROLES_POOLED: pooled === true ? 'yes' : 'no',
      ...(roles.auth === 'password' ? { ROLES_SECRET_ARN: roles.secret.secretArn } : {}),
    },
  };
}

/** ARN of each resource; undefined if absent. */
function arnsOf(props: FunctionsProps): Record<Resource, string | readonly string[] | undefined> {
  const { bucket, jobs, failedUploadEvents, inner, keys, counters } = props;
  return {
    bucket: bucket.bucket.bucketArn,
    originals: bucket.bucket.arnForObjects('incoming/*'),
    variants: bucket.bucket.arnForObjects('derived/*'),
    exports: bucket.bucket.arnForObjects('exports/*'),
    // An existing bucket may have none.
    imagesKey: bucket.key?.keyArn,
    jobs: jobs.queue.queueArn,
    deadLetters: jobs.deadLetters.queueArn,
    failedUploadEvents: failedUploadEvents.queue.queueArn,
    ...eachInnerQueue((queue) => inner.queues[queue].queueArn),
    messagesKey: keys.messages.key.keyArn,
    counters: counters.arns,
  };
}

function statementOf({ sid, on, actions }: Permission, arns: ReturnType<typeof arnsOf>) {
  const resources = [arns[on] ?? []].flat();
  return resources.length === 0 ? [] : [allow(sid, actions, resources)];
}
