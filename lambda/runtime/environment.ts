// The small build of zod, of which only what is used goes into a function: 5 ms less of each cold start.
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { readBlockedLoaders } from '../domain/inputs.ts';

// It brings no words of its own.
z.config(en());

/** The environment of a function is wrong: a mistake of the deployment, so the function refuses to start. */
export class EnvironmentMistakes extends Error {
  override readonly name = 'EnvironmentMistakes';
}

/**
 * Reads the environment of a function once, at its start.
 * @throws EnvironmentMistakes that lists every missing or malformed variable, not only the first.
 */
export function readEnvironment<Schema extends z.ZodMiniType>(
  schema: Schema,
  variables: Record<string, string | undefined> = process.env,
): z.output<Schema> {
  const parsed = schema.safeParse(variables);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new EnvironmentMistakes(`The environment of this function is wrong: ${mistakes.join('; ')}`);
}

/**
 * How a function finds Postgres. `iam` signs a token for the user (RDS); `password` takes DATABASE_PASSWORD
 * or the `password` field of the JSON in DATABASE_SECRET_ARN.
 */
export const databaseEnvironment = z.object({
  DATABASE_HOST: z.string().check(z.minLength(1)),
  DATABASE_PORT: z.coerce.number<string>().check(z.int(), z.gte(1), z.lte(65_535)),
  DATABASE_NAME: z.string().check(z.minLength(1)),
  DATABASE_USER: z.string().check(z.minLength(1)),
  DATABASE_AUTH: z.enum(['iam', 'password']),
  DATABASE_PASSWORD: z.optional(z.string()),
  DATABASE_SECRET_ARN: z.optional(z.string()),
  /** `verify` checks the certificate against the system's and RDS's roots; `off` is for a server on this host. */
  DATABASE_TLS: z.enum(['verify', 'off']),
});
export type DatabaseEnvironment = z.output<typeof databaseEnvironment>;

const bucketEnvironment = z.object({ BUCKET_NAME: z.string().check(z.minLength(3)) });
const queueEnvironment = z.object({ JOBS_QUEUE_URL: z.url() });
const withPlaces = z.extend(z.extend(databaseEnvironment, bucketEnvironment.shape), queueEnvironment.shape);
const connections = z.coerce.number<string>().check(z.int(), z.gte(1));

/** A misspelt name would leave open what an operator believes is shut. */
const knownLoaders: z.core.CheckFn<string> = (context) => {
  try {
    readBlockedLoaders(context.value);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    context.issues.push({ code: 'custom', message, input: context.value });
  }
};

/** What each function is given, by name. `lib` types what it passes in with it: a forgotten variable does not compile. */
export const environments = {
  api: withPlaces,
  enqueue: queueEnvironment,
  process: z.extend(withPlaces, {
    DEAD_LETTERS_QUEUE_URL: z.url(),
    /** Name or ARN of the event bus that is told of each image that is ready; absent: nobody is told. */
    READY_EVENTS_BUS: z.optional(z.string().check(z.minLength(1))),
    /** The emergency switch: types that are not decoded for now, as `avif,tiff`. The decoder reads it too. */
    SLUICE_BLOCKED_LOADERS: z.optional(z.string().check(knownLoaders)),
  }),
  sweep: withPlaces,
  migrate: z.extend(databaseEnvironment, {
    /** CONNECTION LIMIT of each role, from the budget (I5). */
    API_CONNECTIONS: connections,
    PROCESS_CONNECTIONS: connections,
    SWEEP_CONNECTIONS: connections,
    /** `yes` where a pool (RDS Proxy) holds the roles' sessions: then the pool says how long one may idle. */
    ROLES_POOLED: z._default(z.enum(['yes', 'no']), 'no'),
    /** Where the functions' roles log in by password: that password, or the secret whose `password` field holds it. */
    ROLES_PASSWORD: z.optional(z.string()),
    ROLES_SECRET_ARN: z.optional(z.string()),
  }),
} as const;
export type FunctionName = keyof typeof environments;
/** The variables as text, as they are put into a function's environment. */
export type EnvironmentOf<Name extends FunctionName> = z.input<(typeof environments)[Name]>;
