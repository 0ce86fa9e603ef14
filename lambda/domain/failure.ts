/** Permanent faults of the image itself, which end it as `rejected` and are never retried (I6). */
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

/** The image itself is at fault. Tenants see `detail`, so it names no key, path or host. */
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

/** All but `internal` are outages (Postgres, S3, the counters, slow statements), which never count against an image. */
export type TransientCode =
  | ('database_unavailable' | 'statement_timeout' | 'storage_unavailable' | 'out_of_time')
  | 'counters_unavailable'
  | ('decode_cut_off' | 'decoder_lost' | 'internal');

/** A retry may succeed. Unknown errors are wrapped as `internal`. */
export class TransientFailure extends Error {
  override readonly name = 'TransientFailure';
  readonly code: TransientCode;
  constructor(code: TransientCode, message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options);
    this.code = code;
  }
  get outage(): boolean {
    return this.code !== 'internal';
  }
}
