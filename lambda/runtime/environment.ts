// The small build of zod, of which only what is used goes into a function: 5 ms less of each cold start.
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { readBlockedLoaders } from '../domain/inputs.ts';
import { type RoleShares, rolePattern } from '../domain/roles.ts';

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
export function readEnvironment<const Parts extends readonly EnvironmentPart[]>(
  { schema }: FunctionEnvironment<Parts>,
  variables: Record<string, string | undefined> = process.env,
): ReadVariables<Parts[number]> {
  const parsed = schema.safeParse(variables);
  if (parsed.success) return parsed.data as ReadVariables<Parts[number]>;
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

/** A misspelt name would leave open what an operator believes is shut. */
const knownLoaders: z.core.CheckFn<string> = (context) => {
  try {
    readBlockedLoaders(context.value);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    context.issues.push({ code: 'custom', message, input: context.value });
  }
};

/** JSON of the roles, by name. */
const roleShares = z.pipe(
  z.string(),
  z.transform((text, context): RoleShares => {
    try {
      return rolesSchema.parse(JSON.parse(text)) as RoleShares;
    } catch (error) {
      context.issues.push({ code: 'custom', message: String(error), input: text });
      return z.NEVER;
    }
  }),
);
const rolesSchema = z.record(
  z.string().check(z.regex(rolePattern)),
  z.object({ connections: z.int().check(z.gte(1)), persistent: z.boolean() }),
);

/** What a function can be given, by part. lib/catalogue says which function needs which parts. */
const parts = {
  database: databaseEnvironment,
  bucket: z.object({ BUCKET_NAME: z.string().check(z.minLength(3)) }),
  jobs: z.object({ JOBS_QUEUE_URL: z.url() }),
  deadLetters: z.object({ DEAD_LETTERS_QUEUE_URL: z.url() }),
  /** Name or ARN of the event bus that receives an event for each image that is ready; absent: no events are sent. */
  readyEvents: z.object({ READY_EVENTS_BUS: z.optional(z.string().check(z.minLength(1))) }),
  /** The emergency switch: types that are not decoded for now, as `avif,tiff`. The decoder reads it too. */
  blockedLoaders: z.object({ SLUICE_BLOCKED_LOADERS: z.optional(z.string().check(knownLoaders)) }),
  roles: z.object({
    /** Each role with its CONNECTION LIMIT, from the budget (I5). */
    DATABASE_ROLES: roleShares,
    /** `yes` where a pool (RDS Proxy) holds the roles' sessions: then the pool says how long one may idle. */
    ROLES_POOLED: z._default(z.enum(['yes', 'no']), 'no'),
    /** Where the functions' roles log in by password: that password, or the secret whose `password` field holds it. */
    ROLES_PASSWORD: z.optional(z.string()),
    ROLES_SECRET_ARN: z.optional(z.string()),
  }),
} as const;

export type EnvironmentPart = keyof typeof parts;
/** The variables of a part as text, as they are put into a function's environment. */
export type VariablesOf<Part extends EnvironmentPart> = z.input<(typeof parts)[Part]>;

/** The parts that a function reads. The catalogue must list the same ones: its types compare them. */
export interface FunctionEnvironment<Parts extends readonly EnvironmentPart[]> {
  parts: Parts;
  schema: z.ZodMiniObject;
}

/** The environment of a function, of these parts. */
export function environmentOf<const Parts extends readonly EnvironmentPart[]>(
  ...names: Parts
): FunctionEnvironment<Parts> {
  return { parts: names, schema: z.object(Object.assign({}, ...names.map((name) => parts[name].shape))) };
}

type ReadVariables<Part extends EnvironmentPart> = Together<z.output<(typeof parts)[Part]>>;
type Together<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
