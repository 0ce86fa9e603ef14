import { createHash } from 'node:crypto';
import { Rejection, TransientFailure } from '../domain/failure.ts';
import { checkFileSize } from '../domain/file-size.ts';
import { incomingKey } from '../domain/image.ts';
import type { ClaimedImage } from '../postgres/images/claim.ts';
import type { JobResult } from '../postgres/images/commit.ts';
import type { Surroundings } from './dependencies.ts';

/** What was found under the image's key, filled in as soon as it is known: it is recorded whatever the job comes to. */
export type Uploads = Pick<JobResult, 'uploads'>;

/**
 * Reads the original: the upload that came first, and the same one at every attempt. A ticket admits any number of
 * uploads while it lasts, and the bucket keeps each as a version of its own; the later ones are nobody's.
 * @throws Rejection `empty_file`, `file_too_large`, `checksum_mismatch`
 * @throws TransientFailure `internal` where it is not there, `storage_unavailable`, `out_of_time`
 */
export async function fetchOriginal(
  image: ClaimedImage,
  uploads: Uploads,
  { bucket, settings, deadline }: Surroundings,
): Promise<Buffer> {
  const key = incomingKey(image);
  const { maxBytes } = settings.limits;
  let version = image.originalVersion;
  if (version === null) {
    const first = await bucket.findFirstUpload(key, deadline.work);
    if (first === undefined) throw new TransientFailure('internal', 'the original is not there');
    version = first.version;
    uploads.uploads = { version, later: first.later };
    checkFileSize(first.bytes, maxBytes);
  }
  const bytes = await bucket.getOriginal({ key, version }, maxBytes, deadline.work);
  checkFileSize(bytes.byteLength, maxBytes);
  if (
    image.declaredSha256 !== null &&
    image.declaredSha256 !== createHash('sha256').update(bytes).digest('hex')
  )
    throw new Rejection('checksum_mismatch', 'The file does not have the SHA-256 that was declared for it.');
  return bytes;
}
