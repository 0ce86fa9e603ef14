import { isImageId } from '../../domain/image.ts';

/* An opaque cursor: the last image's id. Ids are UUIDv7, so new images do not change later pages. */
const version = '1';

/** The form of a cursor: 38 bytes in base64url. */
export const cursorPattern = /^[A-Za-z0-9_-]{51}$/;

/** The cursor of the page that begins after this image. */
export function makeCursor(lastId: string): string {
  return Buffer.from(`${version}:${lastId}`).toString('base64url');
}

/** The id in a cursor; undefined for anything that `makeCursor` did not make. */
export function readCursor(text: string): string | undefined {
  if (!cursorPattern.test(text)) return undefined;
  const id = Buffer.from(text, 'base64url').toString('latin1').split(':')[1];
  if (id === undefined || !isImageId(id)) return undefined;
  // Checks the version and all around the id.
  return makeCursor(id) === text ? id : undefined;
}
