import { Duration, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  type Bucket,
  type CfnBucket,
  type CorsRule,
  EventType,
  HttpMethods,
  type IBucket,
  type LifecycleRule,
} from 'aws-cdk-lib/aws-s3';
import type { ResolvedConfig } from '../config/schema.ts';

/** The bucket with originals under `incoming/`, variants under `derived/` and files of exports under `exports/`. */
export interface ImageStore {
  readonly bucket: IBucket;
  readonly bucketName: string;
  /** The KMS key; undefined with S3-managed encryption, or if not known. */
  readonly key: IKey | undefined;
  /** Sends the event of each upload to a function. */
  notify(target: IFunction): void;
}

/** Events of uploads that bypass the API: a presigned POST, or a multipart upload by other clients. */
export const uploadEvents = [
  EventType.OBJECT_CREATED_POST,
  EventType.OBJECT_CREATED_COMPLETE_MULTIPART_UPLOAD,
];

/** Allows pages to upload by presigned POST and to read variants. */
export function cors({ deploy }: ResolvedConfig): CorsRule {
  return {
    allowedMethods: [HttpMethods.POST, HttpMethods.GET, HttpMethods.HEAD],
    allowedOrigins: deploy.origins,
    allowedHeaders: ['*'],
    exposedHeaders: ['ETag', 'Location'],
    maxAge: 3600,
  };
}

/** Prefixes with multipart uploads: of clients, and of exports. Variants are put whole. */
const uploadedInParts = { 'abandoned-uploads': 'incoming/', 'abandoned-exports': 'exports/' };

/** @param shared in a bucket with other objects, whose rule ids must not repeat: rules for our prefixes only. */
export function lifecycle({ retention }: ResolvedConfig, { shared }: { shared: boolean }): LifecycleRule[] {
  const named = (id: string) => (shared ? `sluice-${id}` : id);
  const abandoned = (id: string, prefix?: string): LifecycleRule => ({
    id: named(id),
    ...(prefix === undefined ? {} : { prefix }),
    abortIncompleteMultipartUploadAfter: Duration.days(1),
    expiredObjectDeleteMarker: true,
  });
  const rules = shared
    ? Object.entries(uploadedInParts).map(([id, prefix]) => abandoned(id, prefix))
    : [abandoned('abandoned-uploads')];
  // In a versioned bucket expiration only hides an object; noncurrent versions expire a day later. Not so for originals:
  // one may be noncurrent because of a second upload, which the sweep removes within minutes.
  const expire = (id: string, prefix: string, days: number | undefined) => {
    if (days === undefined) return;
    const noncurrentVersionExpiration = Duration.days(prefix === 'incoming/' ? days : 1);
    rules.push({ id: named(id), prefix, expiration: Duration.days(days), noncurrentVersionExpiration });
  };
  expire('originals', 'incoming/', retention.originalsDays);
  expire('variants', 'derived/', retention.variantsDays);
  // The sweep deletes them before.
  expire('exports', 'exports/', retention.exportDays + 1);
  return rules;
}

/** Reports a bucket of the app without versioning. Run it once the app is complete. */
export function withoutVersions(bucket: Bucket): string[] {
  const { versioningConfiguration } = bucket.node.defaultChild as CfnBucket;
  const { status } = (Stack.of(bucket).resolve(versioningConfiguration) ?? {}) as { status?: string };
  if (status === 'Enabled') return [];
  return [
    `${bucket.node.path} must be versioned: the first of several uploads with one ticket is the image, identified by its version.`,
  ];
}
