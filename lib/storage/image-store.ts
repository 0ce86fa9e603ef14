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

/** Where the images are: originals under `incoming/`, variants under `derived/`. */
export interface ImageStore {
  readonly bucket: IBucket;
  readonly bucketName: string;
  /** What it encrypts with; undefined where that is S3's own affair, or not known. */
  readonly key: IKey | undefined;
  /** Sends the event of each upload to a function. */
  notify(target: IFunction): void;
}

/** Uploads that the API did not put itself: a presigned POST, in one piece or (by other clients) in parts. */
export const uploadEvents = [
  EventType.OBJECT_CREATED_POST,
  EventType.OBJECT_CREATED_COMPLETE_MULTIPART_UPLOAD,
];

/** Lets pages send a presigned POST and read variants. */
export function cors({ deploy }: ResolvedConfig): CorsRule {
  return {
    allowedMethods: [HttpMethods.POST, HttpMethods.GET, HttpMethods.HEAD],
    allowedOrigins: deploy.origins,
    allowedHeaders: ['*'],
    exposedHeaders: ['ETag', 'Location'],
    maxAge: 3600,
  };
}

/** @param among the prefix of what is ours, where the bucket has other objects too, and rules of which S3 takes no id twice. */
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
  // In a versioned bucket an expiry only hides an object; what is hidden goes a day later. An original that another
  // upload hides is no such object: the sweep takes the other one within minutes.
  const expire = (id: string, prefix: string, days: number | undefined) => {
    if (days === undefined) return;
    const noncurrentVersionExpiration = Duration.days(prefix === 'incoming/' ? days : 1);
    rules.push({ id: named(id), prefix, expiration: Duration.days(days), noncurrentVersionExpiration });
  };
  expire('originals', 'incoming/', retention.originalsDays);
  expire('variants', 'derived/', retention.variantsDays);
  return rules;
}

/** What is wrong with a bucket of the app that keeps no versions. To be asked when the whole app is there. */
export function withoutVersions(bucket: Bucket): string[] {
  const { versioningConfiguration } = bucket.node.defaultChild as CfnBucket;
  const { status } = (Stack.of(bucket).resolve(versioningConfiguration) ?? {}) as { status?: string };
  if (status === 'Enabled') return [];
  return [
    `${bucket.node.path} must be versioned: of several uploads with one ticket the first is the image, by its version.`,
  ];
}
