import { S3Error } from './errors.ts';

const maxBytes = 1024;

/**
 * Validates a key. Any text is one, `a/../b` and control characters included, and no two are the same object; but S3
 * refuses a key that climbs above its start, read from the left (AWS: "Naming Amazon S3 objects", object key guidelines).
 * @throws S3Error
 */
export function checkKey(key: string): void {
  if (key === '') throw new S3Error(400, 'UserKeyMustBeSpecified', 'The specified key is empty.');
  const bytes = Buffer.byteLength(key);
  if (bytes > maxBytes)
    throw new S3Error(400, 'KeyTooLongError', 'Your key is too long', {
      Size: bytes,
      MaxSizeAllowed: maxBytes,
    });
  let depth = 0;
  for (const segment of key.split('/')) {
    depth += segment === '..' ? -1 : segment === '' || segment === '.' ? 0 : 1;
    if (depth < 0) throw new S3Error(400, 'BadRequest', 'The key climbs above the bucket.');
  }
}
