import {
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { options, storageUnavailable } from './storage-fault.ts';

/** A version of an object, or the marker that stands for its deletion. Bytes in bytes; 0 of a marker. */
export interface ObjectVersion {
  key: string;
  version: string;
  bytes: number;
  marker: boolean;
}

/**
 * All versions of all objects under a prefix, a page of at most 1000 at a time: keys in byte order, and of one key
 * the newest version first. A bucket without versioning has one version of each, named `null`.
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

/** What lies under one key: the upload that came first, which is the original, and those that came after it. */
export interface FirstUpload {
  version: string;
  bytes: number;
  /** Versions that a ticket brought after the first, newest first. */
  later: string[];
}

/**
 * Finds the upload that came first; undefined where there is none. The bucket is asked, because events of S3 and
 * messages of SQS come in any order.
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
