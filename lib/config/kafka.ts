import { z } from 'zod';

const arn = z.string().regex(/^arn:[a-z-]+:/, 'must be an ARN');

/** Login by a secret with JSON that has the fields `username` and `password`. */
const bySecret = {
  secretArn: arn,
  /** The key of the secret, if it is not the account's default key. MSK wants one of your own. */
  keyArn: arn.optional(),
};

/** A topic of Kafka for the events of images. */
export const kafka = z
  .strictObject({
    /** Bootstrap brokers, as `host:port`, of the port for the login below. */
    brokers: z.array(z.string().regex(/^[A-Za-z0-9.-]+:\d{1,5}$/, 'must be host:port')).min(1),
    /** It must exist: nothing here creates it. */
    topic: z
      .string()
      .regex(/^[a-zA-Z0-9._-]{1,249}$/, 'must be 1-249 of letters, digits, dot, dash and underscore')
      .default('sluice-image-events'),
    /** ARN of the cluster, if it is Amazon MSK. */
    clusterArn: z
      .string()
      .regex(
        /^arn:[a-z-]+:kafka:[a-z0-9-]+:\d{12}:cluster\/[^/]+\/[^/]+$/,
        'must be the ARN of a cluster of MSK',
      )
      .optional(),
    login: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('none') }),
        z.strictObject({ kind: z.literal('iam') }),
        z.strictObject({ kind: z.literal('scram'), ...bySecret }),
        z.strictObject({ kind: z.literal('plain'), ...bySecret }),
      ])
      .default({ kind: 'none' }),
    tls: z.enum(['verify', 'off']).default('verify'),
    /** Subnets and security group of the pollers, for brokers in a VPC that are not MSK. */
    pollers: z
      .strictObject({
        subnetIds: z.array(z.string().regex(/^subnet-/, 'must be the id of a subnet, subnet-…')).min(1),
        securityGroupId: z.string().regex(/^sg-/, 'must be the id of a security group, sg-…'),
      })
      .optional(),
  })
  .refine(({ login, clusterArn }) => login.kind !== 'iam' || clusterArn !== undefined, {
    error: 'is required with the login iam, which only MSK has',
    path: ['clusterArn'],
  })
  .refine(({ login, tls }) => login.kind === 'none' || tls === 'verify', {
    error: 'must be verify with a login: it would be sent in the clear',
    path: ['tls'],
  })
  .refine(({ login, clusterArn }) => login.kind !== 'plain' || clusterArn === undefined, {
    error: 'must be iam or scram for a cluster of MSK',
    path: ['login', 'kind'],
  });
export type KafkaConfig = z.output<typeof kafka>;
