import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { crc32c } from './crc32c.ts';
import { S3Error } from './errors.ts';

/** The checksums that are verified. S3 also has crc64nvme, which Node.js lacks. */
const checksumAlgorithms = ['crc32', 'crc32c', 'sha1', 'sha256'] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

export interface Checksum {
  algorithm: ChecksumAlgorithm;
  /** Base64, as in S3. */
  value: string;
}

const lengths: Record<ChecksumAlgorithm, number> = { crc32: 4, crc32c: 4, sha1: 20, sha256: 32 };

/**
 * The checksum that a request declares; `read` returns a header, trailer or form field by its lower-case name.
 * @throws S3Error for more than one, a malformed one, an unsupported algorithm, or an algorithm without a value
 */
export function declaredChecksum(read: (name: string) => string | undefined): Checksum | undefined {
  if (read('x-amz-checksum-crc64nvme') !== undefined)
    throw new S3Error(501, 'NotImplemented', 'This S3 does not verify crc64nvme checksums.');
  const declared = checksumAlgorithms.flatMap((algorithm) => {
    const value = read(`x-amz-checksum-${algorithm}`);
    return value === undefined ? [] : [{ algorithm, value }];
  });
  if (declared.length > 1)
    throw invalidRequest(
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  const [checksum] = declared;
  if (checksum !== undefined && bytesOf(checksum.value)?.length !== lengths[checksum.algorithm])
    throw invalidRequest(`Value for x-amz-checksum-${checksum.algorithm} header is invalid.`);
  checkNamedAlgorithm(read, checksum);
  return checksum;
}

/** @throws S3Error where the value of the named algorithm is missing or belongs to another (AWS: PutObject) */
function checkNamedAlgorithm(read: (name: string) => string | undefined, checksum: Checksum | undefined) {
  for (const name of ['x-amz-sdk-checksum-algorithm', 'x-amz-checksum-algorithm']) {
    const named = read(name)?.toLowerCase();
    if (named === undefined || named === checksum?.algorithm) continue;
    if (![...checksumAlgorithms, 'crc64nvme'].includes(named))
      throw invalidRequest(`Value for ${name} header is invalid.`);
    if (checksum !== undefined)
      throw new S3Error(400, 'BadDigest', `The value is no ${named} checksum, which ${name} specifies.`);
    if (read('x-amz-trailer') === undefined)
      throw invalidRequest(
        `${name} specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.`,
      );
  }
}

/** Bytes of base64; undefined for invalid base64. */
export function bytesOf(base64: string): Buffer | undefined {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 ? bytes : undefined;
}

/** The digest that `Content-MD5` declares. @throws S3Error for an invalid one */
export function declaredMd5(value: string | undefined): string | undefined {
  if (value === undefined || bytesOf(value)?.length === 16) return value;
  throw new S3Error(400, 'InvalidDigest', 'The Content-MD5 you specified was invalid.', {
    'Content-MD5': value,
  });
}

/** Digests of a body; values in base64. MD5 is the ETag; a signature covers the SHA-256. */
export class Digests {
  readonly #hashes: Record<'md5' | 'sha1' | 'sha256', Hash | undefined>;
  readonly #finished = new Map<string, Buffer>();
  readonly #castagnoli: boolean;
  #crc32 = 0;
  #crc32c = 0;

  /** @param algorithms in addition to MD5, CRC32 and SHA-256 */
  constructor(algorithms: readonly ChecksumAlgorithm[] = []) {
    this.#hashes = {
      md5: createHash('md5'),
      sha1: algorithms.includes('sha1') ? createHash('sha1') : undefined,
      sha256: createHash('sha256'),
    };
    this.#castagnoli = algorithms.includes('crc32c');
  }

  update(chunk: Buffer): void {
    for (const hash of Object.values(this.#hashes)) hash?.update(chunk);
    this.#crc32 = crc32(chunk, this.#crc32);
    if (this.#castagnoli) this.#crc32c = crc32c(chunk, this.#crc32c);
  }

  get sha256Hex(): string {
    return this.#digest('sha256').toString('hex');
  }

  get md5Hex(): string {
    return this.#digest('md5').toString('hex');
  }

  /** @throws S3Error when the body does not match */
  verify({ algorithm, value }: Checksum): void {
    if (this.#value(algorithm) !== value)
      throw new S3Error(
        400,
        'BadDigest',
        `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
      );
  }

  /** @param declared base64 of Content-MD5 @throws S3Error when the body does not match */
  verifyMd5(declared: string | undefined): void {
    const calculated = this.#digest('md5').toString('base64');
    if (declared !== undefined && declared !== calculated)
      throw new S3Error(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.', {
        ExpectedDigest: declared,
        CalculatedDigest: calculated,
      });
  }

  #value(algorithm: ChecksumAlgorithm): string {
    if (algorithm === 'sha256' || algorithm === 'sha1') return this.#digest(algorithm).toString('base64');
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(algorithm === 'crc32' ? this.#crc32 : this.#crc32c);
    return bytes.toString('base64');
  }

  #digest(name: 'md5' | 'sha1' | 'sha256'): Buffer {
    const digest = this.#finished.get(name) ?? this.#hashes[name]?.digest();
    if (digest === undefined) throw new RangeError(`${name} was not requested`);
    this.#finished.set(name, digest);
    return digest;
  }
}

const invalidRequest = (message: string) => new S3Error(400, 'InvalidRequest', message);
