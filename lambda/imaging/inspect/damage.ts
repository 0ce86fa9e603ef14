import { Rejection } from '../../domain/failure.ts';
import { type Decodable, decodable } from './file-type.ts';

/** Messages of libvips 8.18, libheif, libjpeg and the system; other versions of libvips use a longer dash. */
const wantOfMemory =
  /out of memory -+ size|memory allocation error \(|cannot allocate memory|(?:not enough|insufficient) memory|bad_alloc/i;

/**
 * Turns a codec's error into a rejection. The codec's message exposes internals, so it stays in `cause`; the tenant reads
 * what is wrong with the file.
 * @throws the error itself when memory ran out, which is not the image's fault (the bare "out of memory" of libtiff and
 *   libpng and libheif's limits are: they refer to a size that the file claims)
 */
export function damaged(error: unknown, type: Decodable, maxPixels: number): Rejection {
  const message = error instanceof Error ? error.message : String(error);
  if (wantOfMemory.test(message)) throw error;
  if (/exceeds pixel limit/i.test(message))
    return new Rejection(
      'dimensions_too_large',
      `The image has more than the ${maxPixels} pixels accepted.`,
      {
        cause: error,
      },
    );
  return new Rejection('corrupt_image', `The ${decodable[type].name} ${whatIsWrong(message)}.`, {
    cause: error,
  });
}

function whatIsWrong(message: string): string {
  if (
    /premature|truncated|unexpected end|end of (file|data|stream|image)|too short|not enough data/i.test(
      message,
    )
  )
    return 'ends before the image is complete';
  if (
    /unsupported|not supported|omitted at compile time|not configured|not a whole number of bytes/i.test(
      message,
    )
  )
    return 'is of a rare kind that is not supported';
  return 'is damaged: its data could not be decoded';
}

/**
 * A valid file whose pixels the codec cannot read, or would misread.
 * @param what a part of a sentence, shown to the tenant
 */
export function rareKind(type: Decodable, what: string): Rejection {
  return new Rejection(
    'corrupt_image',
    `The ${decodable[type].name} is of a rare kind that is not supported: ${what}.`,
  );
}
