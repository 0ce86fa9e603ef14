import {
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { options, storageUnavailable } from './storage-fault.ts';

/** An object version or delete marker. Bytes in bytes; 0 for a marker. */
export interface ObjectVersion {
  key: string;
  version: string;
  bytes: number;
  marker: boolean;
}

/**
 * All versions under a prefix in pages of at most 1000: keys in byte order, newest version first. Without versioning
 * each object has one version, named `null`.
 * @throws TransientFailure `storage_unavailable`; `out_of_time` at the signal
 */
export async function* versionPages(
  client: S3Client,
  bucketName: string,
  prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<ObjectVersion[]> {
  const place = { Bucket: bucketName, Prefix: prefix };
  let page: ListObjectVersionsCommandOutput | undefined;
  do {
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page ?? {};
    const command = new ListObjectVersionsCommand({ ...place, KeyMarker, VersionIdMarker });
    page = await client.send(command, options(signal)).catch((error: unknown) => {
      throw storageUnavailable('LIST versions', error, signal);
    });
    const versions = (page.Versions ?? []).map((one) => ({ ...one, marker: false }));
    const markers = (page.DeleteMarkers ?? []).map((one) => ({ ...one, Size: 0, marker: true }));
    yield [...versions, ...markers].flatMap(({ Key, VersionId, Size, marker }) =>
      Key === undefined || VersionId === undefined
        ? []
        : [{ key: Key, version: VersionId, bytes: Size ?? 0, marker }],
    );
  } while (page.IsTruncated === true);
}

/** Uploads under one key: the first is the original. */
export interface FirstUpload {
  version: string;
  bytes: number;
  /** Later versions uploaded with the same ticket, newest first. */
  later: string[];
}

/**
 * Finds the first upload; undefined if there is none. Asks the bucket: S3 events and SQS messages are unordered.
 * @throws TransientFailure `storage_unavailable`; `out_of_time` at the signal
 */
export async function findFirstUpload(
  client: S3Client,
  bucketName: string,
  key: string,
  signal?: AbortSignal,
): Promise<FirstUpload | undefined> {
  const uploads: ObjectVersion[] = [];
  for await (const page of versionPages(client, bucketName, key, signal))
    uploads.push(...page.filter((one) => one.key === key && !one.marker));
  const first = uploads.pop();
  if (first === undefined) return undefined;
  return { version: first.version, bytes: first.bytes, later: uploads.map(({ version }) => version) };
}
