import type { EnvironmentPart, VariablesOf } from '../lambda/runtime/environment-parts.ts';
import { givenVariables } from '../lambda/runtime/given-variables.ts';
import { type Catalogue, catalogue, type FunctionName } from '../lib/catalogue/catalogue.ts';
import type { InnerQueue } from '../lib/catalogue/inner-queues.ts';
import { eachFunction } from '../lib/catalogue/select.ts';
import { roleShares } from '../lib/config/budget.ts';
import type { ResolvedConfig } from '../lib/config/schema.ts';
import { localCounters } from './counters.ts';
import type { Secrets } from './home/secrets.ts';
import type { LocalTopic } from './kafka/local-topic.ts';
import type { RunningPostgres } from './postgres/server.ts';

/** The services around the functions, as their environments name them. */
export interface Surroundings {
  config: ResolvedConfig;
  secrets: Secrets;
  postgres: Pick<RunningPostgres, 'host' | 'port' | 'user' | 'password' | 'database'>;
  bucket: string;
  queueUrl: string;
  deadLettersUrl: string;
  innerQueueUrls: Readonly<Record<InnerQueue, string>>;
  s3Endpoint: string;
  sqsEndpoint: string;
  /** Without it the events go to the queues of the consumers. */
  topic?: LocalTopic | undefined;
}

type Variables = { [Part in EnvironmentPart]: VariablesOf<Part> };

/** The environment of every function of the catalogue, each with a role of its own, and the endpoints for the SDK. */
export function functionEnvironments(
  given: Surroundings,
  functions: Catalogue = catalogue,
): Record<FunctionName, Record<string, string>> {
  const { config, secrets, postgres } = given;
  const endpoints = {
    AWS_ENDPOINT_URL_S3: given.s3Endpoint,
    AWS_ENDPOINT_URL_SQS: given.sqsEndpoint,
    AWS_ACCESS_KEY_ID: secrets.accessKeyId,
    AWS_SECRET_ACCESS_KEY: secrets.secretAccessKey,
  };
  return eachFunction(functions, (_, { database, environment, mayTouch }) => {
    const role = database?.role ?? 'owner';
    const login =
      role === 'owner'
        ? { user: postgres.user, password: postgres.password }
        : { user: role, password: secrets.rolesPassword };
    // A forgotten variable does not compile.
    const variables: Variables = {
      database: {
        DATABASE_HOST: postgres.host,
        DATABASE_PORT: String(postgres.port),
        DATABASE_NAME: postgres.database,
        DATABASE_USER: login.user,
        DATABASE_AUTH: 'password',
        DATABASE_PASSWORD: login.password,
        DATABASE_TLS: 'off',
        DATABASE_PREPARED_STATEMENTS: 'named',
      },
      bucket: { BUCKET_NAME: given.bucket },
      jobs: { JOBS_QUEUE_URL: given.queueUrl },
      deadLetters: { DEAD_LETTERS_QUEUE_URL: given.deadLettersUrl },
      deliveries: { DELIVERIES_QUEUE_URL: given.innerQueueUrls.deliveries },
      refusedEvents: { REFUSED_EVENTS_QUEUE_URL: given.innerQueueUrls.refusedEvents },
      eventQueues: {
        ANALYTICS_EVENTS_QUEUE_URL: given.innerQueueUrls.analyticsEvents,
        AUDIT_EVENTS_QUEUE_URL: given.innerQueueUrls.auditEvents,
      },
      kafka: {
        KAFKA_BROKERS: given.topic?.brokers.join(','),
        KAFKA_TOPIC: given.topic?.name,
        KAFKA_TLS: 'off',
      },
      deliveryResults: { DELIVERY_RESULTS_QUEUE_URL: given.innerQueueUrls.deliveryResults },
      nudges: { NUDGES_QUEUE_URL: given.innerQueueUrls.nudges },
      metrics: { METRICS_PIPELINE: 'local' },
      eventBridge: { EVENT_BUCKET_ARN: `arn:aws:s3:::${given.bucket}` },
      // For receivers with certificates of an authority of one's own.
      moreRoots: { NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS },
      counters: localCounters(config.counters, process.env.SLUICE_VALKEY),
      // The emergency switch, as an operator would set it on AWS.
      blockedLoaders: { SLUICE_BLOCKED_LOADERS: process.env.SLUICE_BLOCKED_LOADERS },
      roles: {
        DATABASE_ROLES: JSON.stringify(roleShares(config, false, functions)),
        ROLES_PASSWORD: secrets.rolesPassword,
      },
    };
    const own = Object.assign({}, ...environment.map((part) => variables[part]));
    return givenVariables({ ...own, ...(mayTouch.length === 0 ? {} : endpoints) });
  });
}
