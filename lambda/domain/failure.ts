/**
 * One error family for the whole house. A failure has a stable `code` for machines, a public `detail`
 * for people, and says whether trying again can help.
 */

/** Codes that end an image as `rejected`: its own fault, permanent, never retried (I6). */
export const rejectionCodes = [
  'empty_file',
  'file_too_large',
  'unsupported_type',
  'corrupt_image',
  'dimensions_too_large',
  'too_complex',
  'checksum_mismatch',
  'decoder_crashed',
] as const;
export type RejectionCode = (typeof rejectionCodes)[number];

/** Permanent: the image itself is at fault. `detail` is shown to the tenant, so it names no key, path or host. */
export class Rejection extends Error {
  override readonly name = 'Rejection';
  readonly code: RejectionCode;
  readonly detail: string;
  constructor(code: RejectionCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }
}

/**
 * Codes of transient failures. `outage` ones are the surroundings' fault (Postgres or S3 away, a statement of ours
 * that was too slow) and never count against the image; the others do, and an image that collects too many ends as
 * `failed`.
 */
const transientCodes = [
  'database_unavailable',
  'statement_timeout',
  'storage_unavailable',
  'out_of_time',
  'decode_cut_off',
  'decoder_lost',
  'internal',
] as const;
export type TransientCode = (typeof transientCodes)[number];

/** Transient: the same image may succeed later. Unknown errors are wrapped as `internal`. */
export class TransientFailure extends Error {
  override readonly name = 'TransientFailure';
  readonly code: TransientCode;
  constructor(code: TransientCode, message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options);
    this.code = code;
  }
  /** True where the image is not to blame, so that the failure is not counted against it. */
  get outage(): boolean {
    return this.code !== 'internal';
  }
}
