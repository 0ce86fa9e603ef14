// The small build of zod: 5 ms less of each cold start.
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';

// The small build has no messages by default.
z.config(en());

/** The function's environment is invalid: a deployment mistake, so the function does not start. */
export class EnvironmentMistakes extends Error {
  override readonly name = 'EnvironmentMistakes';
}

/** Reads a function's environment at its start. @throws EnvironmentMistakes that lists every wrong variable. */
export function readEnvironment<Parts extends readonly Part[]>(
  { schema }: FunctionEnvironment<Parts>,
  variables: Record<string, string | undefined> = process.env,
): Read<Parts> {
  const parsed = schema.safeParse(variables);
  if (parsed.success) return parsed.data as Read<Parts>;
  const mistakes = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new EnvironmentMistakes(`The environment of this function is wrong: ${mistakes.join('; ')}`);
}

/** `iam` signs a token (RDS); `password` takes DATABASE_PASSWORD, or `password` in the JSON of DATABASE_SECRET_ARN. */
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
  /** `named` keeps them for the session. Through a pooler they are `unnamed`: RDS Proxy pins a session with named ones. */
  DATABASE_PREPARED_STATEMENTS: z.enum(['named', 'unnamed']),
});
export type DatabaseEnvironment = z.output<typeof databaseEnvironment>;

export const database = part('database', databaseEnvironment);
export const bucket = part('bucket', z.object({ BUCKET_NAME: z.string().check(z.minLength(3)) }));
export const jobs = part('jobs', z.object({ JOBS_QUEUE_URL: z.url() }));
export const refusedEvents = part('refusedEvents', z.object({ REFUSED_EVENTS_QUEUE_URL: z.url() }));
/** FIFO queues of the consumers of events. */
export const eventQueues = part(
  'eventQueues',
  z.object({ ANALYTICS_EVENTS_QUEUE_URL: z.url(), AUDIT_EVENTS_QUEUE_URL: z.url() }),
);
export const nudges = part('nudges', z.object({ NUDGES_QUEUE_URL: z.url() }));
/** Value of the dimension `Pipeline` of the function's metrics. */
export const metrics = part('metrics', z.object({ METRICS_PIPELINE: z.string().check(z.minLength(1)) }));
export const deadLetters = part('deadLetters', z.object({ DEAD_LETTERS_QUEUE_URL: z.url() }));

/** A group of variables, named as in lib/catalogue. */
export interface Part<Name extends string = string, Schema extends z.ZodMiniObject = z.ZodMiniObject> {
  name: Name;
  schema: Schema;
}

export function part<const Name extends string, Schema extends z.ZodMiniObject>(
  name: Name,
  schema: Schema,
): Part<Name, Schema> {
  return { name, schema };
}

/** A function's variables. The compiler compares their names with its entry in the catalogue. */
export interface FunctionEnvironment<Parts extends readonly Part[]> {
  names: { [Index in keyof Parts]: Parts[Index]['name'] };
  schema: z.ZodMiniObject;
}

/** Combines parts into a function's environment. */
export function environmentOf<const Parts extends readonly Part[]>(
  ...parts: Parts
): FunctionEnvironment<Parts> {
  return {
    names: parts.map(({ name }) => name) as FunctionEnvironment<Parts>['names'],
    schema: z.object(Object.assign({}, ...parts.map(({ schema }) => schema.shape))),
  };
}

type Read<Parts extends readonly Part[]> = Together<z.output<Parts[number]['schema']>>;
type Together<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
