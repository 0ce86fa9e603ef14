import { createHash } from 'node:crypto';
import { Rejection, TransientFailure } from '../domain/failure.ts';
import { checkFileSize } from '../domain/file-size.ts';
import { incomingKey } from '../domain/image.ts';
import type { ClaimedImage } from '../postgres/images/claim.ts';
import type { JobResult } from '../postgres/images/commit.ts';
import type { BatchContext } from './dependencies.ts';

/**
 * Reads the original: the first upload, and the same one at every attempt. A ticket admits any number of uploads until it
 * expires, and the bucket keeps each as a version; the later ones belong to no image.
 * @param found receives the uploads as soon as they are listed: they are recorded whatever the outcome.
 * @throws Rejection `empty_file`, `file_too_large`, `checksum_mismatch`
 * @throws TransientFailure `internal` if it is missing, `storage_unavailable`, `out_of_time`
 */
export async function fetchOriginal(
  image: ClaimedImage,
  found: Pick<JobResult, 'uploads'>,
  { bucket, settings, deadline }: BatchContext,
): Promise<Buffer> {
  const key = incomingKey(image);
  const { maxBytes } = settings.limits;
  let version = image.originalVersion;
  if (version === null) {
    const first = await bucket.findFirstUpload(key, deadline.work);
    if (first === undefined) throw new TransientFailure('internal', 'the original is not there');
    version = first.version;
    found.uploads = { version, later: first.later };
    checkFileSize(first.bytes, maxBytes);
  }
  const bytes = await bucket.getOriginal({ key, version }, maxBytes, deadline.work);
  checkFileSize(bytes.byteLength, maxBytes);
  const { declaredSha256 } = image;
  if (declaredSha256 !== null && declaredSha256 !== createHash('sha256').update(bytes).digest('hex'))
    throw new Rejection('checksum_mismatch', 'The file does not have the SHA-256 that was declared for it.');
  return bytes;
}
