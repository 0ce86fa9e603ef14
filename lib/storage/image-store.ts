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

/** The bucket with originals under `incoming/` and variants under `derived/`. */
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

/** @param among the pipeline's prefix in a bucket with other objects, whose rule ids must not repeat. */
export function lifecycle({ retention }: ResolvedConfig, among?: 'incoming/'): LifecycleRule[] {
  const named = (id: string) => (among === undefined ? id : `sluice-${id}`);
  const rules: LifecycleRule[] = [
    {
      id: named('abandoned-uploads'),
      ...(among === undefined ? {} : { prefix: among }),
      abortIncompleteMultipartUploadAfter: Duration.days(1),
      expiredObjectDeleteMarker: true,
    },
  ];
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
