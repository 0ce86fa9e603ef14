import { rejectionCodes } from '../../domain/failure.ts';
import {
  acceptedContentTypes,
  contentTypeOf,
  type Original,
  type Placeholder,
  variantFormats,
} from '../../domain/image.ts';
import type { DecodedVariant } from '../decoded.ts';
import type { Frame } from './frame-pipe.ts';
import type { DecoderMessage } from './protocol.ts';

/*
 * What the parent takes from a decoder. It has read a stranger's bytes, so that nothing it says is believed unseen: an
 * answer of another shape is one that a broken decoder gave. By hand, for zod would add 9 kB to what `process` loads.
 */
const mostText = 1000;
type Fields = Record<string, unknown>;

/** The message in a frame; the bytes of its variants are parts of the frame's. @throws where it is none */
export function messageOf({ header, body }: Frame): DecoderMessage {
  const message = fields(header);
  switch (message.type) {
    case 'ready':
      return { type: 'ready' };
    case 'failed':
      return { type: 'failed', reason: text(message.reason) };
    case 'rejected': {
      const code = oneOf(rejectionCodes, message.code);
      return { type: 'rejected', code, detail: text(message.detail), reason: text(message.reason) };
    }
    case 'decoded': {
      const { original, placeholder, variants } = fields(message.decoded);
      const decoded = { original: originalOf(original), placeholder: placeholderOf(placeholder) };
      return { type: 'decoded', decoded: { ...decoded, variants: variantsOf(variants, body) } };
    }
    default:
      throw new Error('a message of no known type');
  }
}

function originalOf(value: unknown): Original {
  const { contentType, bytes, ...shape } = fields(value);
  return { contentType: oneOf(acceptedContentTypes, contentType), bytes: count(bytes), ...shapeOf(shape) };
}

function placeholderOf(value: unknown): Placeholder {
  const { color, thumbhash, blurhash } = fields(value);
  return {
    color: matching(/^#[0-9a-f]{6}$/, color),
    ...(thumbhash === undefined ? {} : { thumbhash: text(thumbhash) }),
    ...(blurhash === undefined ? {} : { blurhash: text(blurhash) }),
  };
}

/** Variants tell the number of their bytes, which lie one behind the other in the body. */
function variantsOf(value: unknown, body: Buffer): DecodedVariant[] {
  if (!Array.isArray(value)) throw new Error('no list of variants');
  let end = 0;
  const variants = value.map((one): DecodedVariant => {
    const { preset, format, bytes, sha256, ...shape } = fields(one);
    const begin = end;
    end += count(bytes);
    const known = oneOf(variantFormats, format);
    return {
      preset: text(preset),
      format: known,
      // Never the decoder's own word, by which browsers would take a picture for a page.
      contentType: contentTypeOf[known],
      ...shapeOf(shape),
      bytes: body.subarray(begin, end),
      sha256: matching(/^[0-9a-f]{64}$/, sha256),
    };
  });
  if (end !== body.length) throw new Error(`${body.length} bytes for variants of ${end}`);
  return variants;
}

function shapeOf({ width, height, frames }: Fields): { width: number; height: number; frames: number } {
  return { width: count(width), height: count(height), frames: count(frames) };
}

function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw new Error('no object');
  return value as Fields;
}

function count(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw new Error('no count');
}

/** Lines for a log or for a tenant; the decoder keeps its own within 500 characters. */
function text(value: unknown): string {
  if (typeof value === 'string' && value.length <= mostText) return value;
  throw new Error('no text of that length');
}

function matching(pattern: RegExp, value: unknown): string {
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw new Error(`no text like ${pattern}`);
}

function oneOf<Known extends string>(known: readonly Known[], value: unknown): Known {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new Error('no known word');
  return found;
}
