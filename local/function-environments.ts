import type { EnvironmentOf, FunctionName } from '../lambda/runtime/environment.ts';
import { givenVariables } from '../lambda/runtime/given-variables.ts';
import { connectionLimits } from '../lib/config/budget.ts';
import type { ResolvedConfig } from '../lib/config/schema.ts';
import type { Secrets } from './home/secrets.ts';
import type { RunningPostgres } from './postgres/server.ts';

/** What the functions are told of the things around them. */
export interface Surroundings {
  config: ResolvedConfig;
  secrets: Secrets;
  postgres: Pick<RunningPostgres, 'host' | 'port' | 'user' | 'password' | 'database'>;
  bucket: string;
  queueUrl: string;
  deadLettersUrl: string;
  s3Endpoint: string;
  sqsEndpoint: string;
}

type Environments = { [Name in FunctionName]: EnvironmentOf<Name> };

/**
 * The environment of every function, typed by the schemas that they read it with, as on AWS: each logs in as a
 * role of its own. Beside it what sends the SDK here instead of to AWS.
 */
export function functionEnvironments(given: Surroundings): Record<FunctionName, Record<string, string>> {
  const { config, secrets, postgres, bucket, queueUrl, deadLettersUrl } = given;
  const login = (user: string, password: string) =>
    ({
      DATABASE_HOST: postgres.host,
      DATABASE_PORT: String(postgres.port),
      DATABASE_NAME: postgres.database,
      DATABASE_USER: user,
      DATABASE_AUTH: 'password',
      DATABASE_PASSWORD: password,
      DATABASE_TLS: 'off',
    }) as const;
  const places = { BUCKET_NAME: bucket, JOBS_QUEUE_URL: queueUrl };
  const environments: Environments = {
    api: { ...login('sluice_api', secrets.rolesPassword), ...places },
    enqueue: { JOBS_QUEUE_URL: queueUrl },
    process: {
      ...login('sluice_process', secrets.rolesPassword),
      ...places,
      DEAD_LETTERS_QUEUE_URL: deadLettersUrl,
      // The emergency switch, as an operator would set it on AWS.
      SLUICE_BLOCKED_LOADERS: process.env.SLUICE_BLOCKED_LOADERS,
    },
    sweep: { ...login('sluice_sweep', secrets.rolesPassword), ...places },
    migrate: {
      ...login(postgres.user, postgres.password),
      ...connectionLimits(config),
      ROLES_PASSWORD: secrets.rolesPassword,
    },
  };
  const here = {
    AWS_ENDPOINT_URL_S3: given.s3Endpoint,
    AWS_ENDPOINT_URL_SQS: given.sqsEndpoint,
    AWS_ACCESS_KEY_ID: secrets.accessKeyId,
    AWS_SECRET_ACCESS_KEY: secrets.secretAccessKey,
  };
  return {
    api: { ...givenVariables(environments.api), ...here },
    enqueue: { ...givenVariables(environments.enqueue), ...here },
    process: { ...givenVariables(environments.process), ...here },
    sweep: { ...givenVariables(environments.sweep), ...here },
    migrate: givenVariables(environments.migrate),
  };
}
