import { createHash } from 'node:crypto';
import { parseXmlBody } from '@aws-sdk/core/protocols';
import { TransientFailure } from '../domain/failure.ts';
import { utf8 } from './http/service-error.ts';
import { type BucketOptions, storageClient } from './storage-client.ts';
import { isMissing, nameOf, storageFault } from './storage-fault.ts';

/** A file that is uploaded in parts. */
export interface Upload {
  key: string;
  uploadId: string;
}

export type ExportFiles = ReturnType<typeof openExportFiles>;

/** S3 joins the parts of a file while the caller waits. */
const answerMs = 60_000;

/** Files that are uploaded in parts. Errors are TransientFailure `storage_unavailable`, or `out_of_time` at the signal. */
export function openExportFiles({ bucketName, client = storageClient({ answerMs }) }: BucketOptions) {
  const exists = (key: string, signal?: AbortSignal): Promise<boolean> =>
    client.send({ operation: 'HeadObject', bucketName, key }, signal).then(
      () => true,
      (error: unknown) => (isMissing(error) ? false : storageFault('HEAD export', signal)(error)),
    );

  return {
    /** Begins a file. @returns the id of its upload */
    async create(
      key: string,
      { contentType, fileName }: { contentType: string; fileName: string },
      signal?: AbortSignal,
    ): Promise<string> {
      const headers = {
        'content-type': contentType,
        'content-disposition': `attachment; filename="${fileName}"`,
        'cache-control': 'private, no-store',
      };
      const { UploadId }: { UploadId?: string } = await client
        .send({ operation: 'CreateMultipartUpload', bucketName, key, headers }, signal)
        .then(({ body }) => parseXmlBody(body, utf8))
        .catch(storageFault('POST export', signal));
      if (UploadId === undefined) throw new TransientFailure('storage_unavailable', 'no upload id');
      return UploadId;
    },

    /** Puts a part, at least 5 MiB unless it is the last; one of the same number is replaced. @returns its ETag */
    async putPart(
      { key, uploadId }: Upload,
      number: number,
      bytes: Uint8Array,
      signal?: AbortSignal,
    ): Promise<string> {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const query = { partNumber: String(number), uploadId };
      const body = { bytes, sha256, keepChecksum: false };
      const { headers } = await client
        .send({ operation: 'UploadPart', bucketName, key, query, body }, signal)
        .catch(storageFault('PUT part', signal));
      const etag = headers.etag;
      if (etag === undefined) throw new TransientFailure('storage_unavailable', 'a part without ETag');
      return etag;
    },

    /** Joins the parts. A file that was joined before, by a worker that ended then, is no error. */
    async complete({ key, uploadId }: Upload, etags: readonly string[], signal?: AbortSignal): Promise<void> {
      const parts = etags.map(
        (etag, at) =>
          `<Part><PartNumber>${at + 1}</PartNumber><ETag>&quot;${etag.replaceAll('"', '')}&quot;</ETag></Part>`,
      );
      const bytes = Buffer.from(
        `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`,
      );
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const headers = { 'content-type': 'application/xml' };
      const body = { bytes, sha256, keepChecksum: false };
      try {
        await client.send(
          { operation: 'CompleteMultipartUpload', bucketName, key, query: { uploadId }, headers, body },
          signal,
        );
      } catch (error) {
        if (nameOf(error) === 'NoSuchUpload' && (await exists(key, signal))) return;
        storageFault('POST parts', signal)(error);
      }
    },

    /** Drops the parts of a file that will not be finished; a missing upload is no error. */
    async abort({ key, uploadId }: Upload, signal?: AbortSignal): Promise<void> {
      await client
        .send({ operation: 'AbortMultipartUpload', bucketName, key, query: { uploadId } }, signal)
        .catch((error: unknown) => {
          if (!isMissing(error)) storageFault('DELETE parts', signal)(error);
        });
    },
  };
}
