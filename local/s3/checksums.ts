import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { S3Error } from './errors.ts';

/** The checksums that this edge can verify. S3 also has crc32c and crc64nvme, which Node.js has not. */
const checksumAlgorithms = ['crc32', 'sha1', 'sha256'] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

export interface Checksum {
  algorithm: ChecksumAlgorithm;
  /** Base64, as S3 has it. */
  value: string;
}

const lengths: Record<ChecksumAlgorithm, number> = { crc32: 4, sha1: 20, sha256: 32 };

/**
 * The checksum that a request declares; `read` gives a header, trailer or form field by its lower-case name.
 * @throws S3Error for two of them, a malformed one, or one of an algorithm that is not known here
 */
export function declaredChecksum(read: (name: string) => string | undefined): Checksum | undefined {
  for (const other of ['crc32c', 'crc64nvme'])
    if (read(`x-amz-checksum-${other}`) !== undefined)
      throw new S3Error(501, 'NotImplemented', `This S3 does not verify ${other} checksums.`);
  const declared = checksumAlgorithms.flatMap((algorithm) => {
    const value = read(`x-amz-checksum-${algorithm}`);
    return value === undefined ? [] : [{ algorithm, value }];
  });
  if (declared.length > 1)
    throw new S3Error(
      400,
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  const [checksum] = declared;
  if (checksum !== undefined && Buffer.from(checksum.value, 'base64').length !== lengths[checksum.algorithm])
    throw new S3Error(
      400,
      'InvalidRequest',
      `Value for x-amz-checksum-${checksum.algorithm} header is invalid.`,
    );
  return checksum;
}

/** Computes the digests of a body while it passes. SHA-256 always: it is also what a signature covers. */
export class Digests {
  readonly #sha256: Hash = createHash('sha256');
  readonly #sha1: Hash | undefined;
  #crc32 = 0;
  #finished: { sha256: Buffer; sha1: Buffer | undefined } | undefined;

  constructor(algorithms: readonly ChecksumAlgorithm[] = []) {
    this.#sha1 = algorithms.includes('sha1') ? createHash('sha1') : undefined;
  }

  update(chunk: Buffer): void {
    this.#sha256.update(chunk);
    this.#sha1?.update(chunk);
    this.#crc32 = crc32(chunk, this.#crc32);
  }

  get sha256Hex(): string {
    return this.#finish().sha256.toString('hex');
  }

  /** @throws S3Error when the body is not what was declared */
  verify({ algorithm, value }: Checksum): void {
    if (this.#value(algorithm) !== value)
      throw new S3Error(
        400,
        'BadDigest',
        `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
      );
  }

  #value(algorithm: ChecksumAlgorithm): string {
    if (algorithm === 'sha256') return this.#finish().sha256.toString('base64');
    if (algorithm === 'sha1') return this.#finish().sha1?.toString('base64') ?? '';
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#crc32);
    return bytes.toString('base64');
  }

  #finish(): { sha256: Buffer; sha1: Buffer | undefined } {
    this.#finished ??= { sha256: this.#sha256.digest(), sha1: this.#sha1?.digest() };
    return this.#finished;
  }
}
