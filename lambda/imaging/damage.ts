import { Rejection } from '../domain/failure.ts';
import { type Decodable, decodable } from './file-type.ts';

/**
 * A codec's complaint as a rejection. The codec's own words name its insides, so they stay in `cause`; the tenant
 * reads what was wrong with the file.
 * @throws the error itself when memory ran out, which says nothing about the image
 */
export function damaged(error: unknown, type: Decodable, maxPixels: number): Rejection {
  const message = error instanceof Error ? error.message : String(error);
  if (/out of memory|cannot allocate/i.test(message)) throw error;
  if (/exceeds pixel limit/i.test(message))
    return new Rejection(
      'dimensions_too_large',
      `The image has more than the ${maxPixels} pixels accepted.`,
      {
        cause: error,
      },
    );
  const { name } = decodable[type];
  const detail =
    /premature|truncated|unexpected end|end of (file|data|stream|image)|too short|not enough/i.test(message)
      ? `The ${name} ends before the image is complete.`
      : `The ${name} is damaged: its data could not be decoded.`;
  return new Rejection('corrupt_image', detail, { cause: error });
}
