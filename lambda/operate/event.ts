import * as z from 'zod/mini';
import { isImageId, isTenantId } from '../domain/image.ts';
import { mostOfQuota, mostUnusedTickets, planNamePattern, weights } from '../domain/plan.ts';
import { priorities } from '../domain/preset.ts';
import { EventMistake } from '../runtime/event-mistake.ts';
import { isAnchor } from './audit.ts';

const tenant = z
  .string()
  .check(z.refine(isTenantId, 'must be 1-63 of a-z, 0-9 and -, beginning with a letter or digit'));
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 hex digits'));
const key = z
  .string()
  .check(z.regex(/^[0-9a-f]{8,64}$/, 'must be the first 8 to 64 hex digits of the SHA-256 of a key'));
const limit = (byDefault: number, most: number) =>
  z._default(z.int().check(z.gte(1), z.lte(most)), byDefault);

/** Longest overlap of a replaced key: a month for the switch. */
const maxOverlapSeconds = 30 * 86_400;

const amount = z.int().check(z.gte(1), z.lte(mostOfQuota));
const rate = z.number().check(z.gte(0.001), z.lte(mostOfQuota));
const quota = z.optional(
  z.partial(
    z.strictObject({ burst: amount, perSecond: rate, perMinute: rate, perDay: amount, perMonth: amount }),
  ),
);
/** As in sluice.config.ts. */
const terms = z.strictObject({
  weight: z._default(z.number().check(z.gte(weights.least), z.lte(weights.most)), 1),
  maxUnusedTickets: z.optional(z.int().check(z.gte(1), z.lte(mostUnusedTickets))),
  priority: z.optional(z.enum(priorities)),
  quotas: z._default(z.strictObject({ requests: quota, images: quota, bytes: quota, megapixels: quota }), {}),
});
const plan = z
  .string()
  .check(z.regex(planNamePattern, 'must be 1-63 of a-z, 0-9 and -, beginning with a letter or digit'));

/** Operations for operators without database access. */
const operation = z.discriminatedUnion('operation', [
  z.strictObject({
    operation: z.literal('listTenants'),
    /** Page: tenants after this name. */
    after: z._default(z.string(), ''),
    limit: limit(100, 1_000),
  }),
  z.strictObject({ operation: z.literal('listKeys'), tenant, limit: limit(100, 1_000) }),
  /** Finds the owner of a leaked key by the beginning of its SHA-256. */
  z.strictObject({ operation: z.literal('findKey'), key }),
  /** Idempotent: the tenant may exist. The key has this SHA-256, or is a new one. */
  z.strictObject({ operation: z.literal('makeTenant'), tenant, keySha256: z.optional(sha256) }),
  /** Existing tenants only, so that a typo creates none. */
  z.strictObject({ operation: z.literal('makeKey'), tenant }),
  z.strictObject({ operation: z.literal('revokeKey'), tenant, key }),
  z.strictObject({ operation: z.literal('revokeAllKeys'), tenant }),
  /** Creates a key; the others end after `overlapSeconds`. */
  z.strictObject({
    operation: z.literal('rotateKeys'),
    tenant,
    overlapSeconds: z._default(z.int().check(z.gte(0), z.lte(maxOverlapSeconds)), 0),
  }),
  z.strictObject({
    operation: z.literal('showImage'),
    image: z.string().check(z.refine(isImageId, 'must be the id of an image, a UUID in lower case')),
  }),
  z.strictObject({
    operation: z.literal('listImages'),
    tenant,
    which: z.enum(['unfinished', 'failed', 'rejected']),
    limit: limit(20, 100),
  }),
  z.strictObject({ operation: z.literal('listPlans') }),
  z.strictObject({ operation: z.literal('setPlan'), plan, terms }),
  z.strictObject({ operation: z.literal('removePlan'), plan }),
  /** `default` takes a plan away. */
  z.strictObject({ operation: z.literal('givePlan'), tenant, plan }),
  z.strictObject({ operation: z.literal('showUse'), tenant }),
  /** The roll-up of the last hours. */
  z.strictObject({ operation: z.literal('showUsage'), tenant, hours: limit(24, 24 * 31) }),
  /** Checks the audit trail; `after` is the anchor of an earlier check. */
  z.strictObject({
    operation: z.literal('verifyAudit'),
    tenant,
    after: z.optional(
      z.string().check(z.refine(isAnchor, 'must be an anchor, <line>:<hash in 64 hex digits>')),
    ),
  }),
]);

export type Operation = z.output<typeof operation>;

/** All operations, for the error about an unknown one. */
export const operationNames = operation.def.options.map(({ shape }) => shape.operation.def.values[0]);

/** @throws EventMistake that lists all errors. */
export function readEvent(event: unknown): Operation {
  const parsed = operation.safeParse(event ?? {});
  if (parsed.success) return parsed.data;
  const { operation: name } = Object(event) as { operation?: unknown };
  throw new EventMistake(
    operationNames.some((known) => known === name)
      ? z.prettifyError(parsed.error)
      : `operation must be one of ${operationNames.join(', ')}`,
  );
}
