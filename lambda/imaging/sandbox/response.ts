import { createHash } from 'node:crypto';
import { longestSide } from '../../domain/box.ts';
import { rejectionCodes } from '../../domain/failure.ts';
import { contentTypeOf, type Original, type Placeholder, type VariantFormat } from '../../domain/image.ts';
import type { RenderedImage, RenderedVariant } from '../rendered-image.ts';
import type { Expectation, ExpectedVariant } from './expectation.ts';
import type { Frame } from './frame.ts';
import type { RenderOutcome } from './protocol.ts';

/*
 * The parent's checks of a response. The sandbox read untrusted bytes, so that nothing it sends is trusted: a response of
 * another shape, or to another request, comes from a compromised sandbox. Written by hand, as zod would add 9 kB to what
 * `process` loads.
 */
const mostText = 1000;
/** The maximum of the database's column. A GIF may have more frames than are shown. */
const mostFrames = 2 ** 31 - 1;
type Fields = Record<string, unknown>;

/** Whether a frame is the `ready` message, sent once before any request. */
export function isReady({ header, body }: Frame): boolean {
  return fields(header).type === 'ready' && body.length === 0;
}

/**
 * The response in a frame to the current request; the bytes of its variants are views of the frame's.
 * @throws where it is no response to that request
 */
export function responseOf({ header, body }: Frame, expected: Expectation): RenderOutcome<RenderedImage> {
  const message = fields(header);
  if (message.id !== expected.id) throw new Error('a response to another request');
  if (message.type !== 'rendered' && body.length > 0) throw new Error('bytes without a picture');
  switch (message.type) {
    case 'failed':
      return { type: 'failed', reason: text(message.reason) };
    case 'rejected': {
      const code = oneOf(rejectionCodes, message.code);
      return { type: 'rejected', code, detail: line(message.detail), reason: text(message.reason) };
    }
    case 'rendered': {
      const { original, placeholder, variants } = fields(message.image);
      const described = { original: originalOf(original, expected), placeholder: placeholderOf(placeholder) };
      return { type: 'rendered', image: { ...described, variants: variantsOf(variants, body, expected) } };
    }
    default:
      throw new Error('a message of unknown type');
  }
}

/** The parent knows size and type; the limits bound the rest. */
function originalOf(value: unknown, { contentType, bytes, limits }: Expectation): Original {
  if (contentType === undefined) throw new Error('a picture of a file that is none');
  const original = fields(value);
  if (original.contentType !== contentType || original.bytes !== bytes) throw new Error('another original');
  return { contentType, bytes, ...shapeOf(original, limits.maxSide, mostFrames) };
}

function placeholderOf(value: unknown): Placeholder {
  const { color, thumbhash, blurhash } = fields(value);
  return {
    color: matching(/^#[0-9a-f]{6}$/, color),
    ...(thumbhash === undefined ? {} : { thumbhash: matching(/^[\w+/]{1,60}={0,2}$/, thumbhash) }),
    ...(blurhash === undefined ? {} : { blurhash: matching(/^[!-~]{6,60}$/, blurhash) }),
  };
}

/**
 * All requested variants. Each has its length, and their bytes follow one another in the body. The parent computes the
 * checksums itself: S3 refuses bytes with a wrong one, which would look like unavailable storage.
 */
function variantsOf(value: unknown, body: Buffer, { variants, limits }: Expectation): RenderedVariant[] {
  if (!Array.isArray(value)) throw new Error('no list of variants');
  const fewest = variants.filter(({ optional }) => !optional).length;
  if (value.length < fewest) throw new Error('a wrong number of variants');
  let end = 0;
  const found: RenderedVariant[] = [];
  for (const expected of variants) {
    const variant = value[found.length];
    const format = formatOf(variant, expected);
    if (format === undefined && expected.optional) continue;
    if (format === undefined) throw new Error('a variant that was not requested');
    const begin = end;
    end += count(variant.bytes);
    const bytes = body.subarray(begin, end);
    found.push({
      preset: expected.preset,
      format,
      // Never the sandbox's own value, by which browsers could take an image for a page.
      contentType: contentTypeOf(format),
      ...shapeOf(variant, longestSide, limits.maxPages),
      bytes,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
  }
  if (found.length !== value.length) throw new Error('a wrong number of variants');
  if (end !== body.length) throw new Error(`${body.length} bytes for variants of ${end}`);
  return found;
}

/** The format of a variant, or undefined where it is not the expected one. */
function formatOf(value: unknown, { preset, formats }: ExpectedVariant): VariantFormat | undefined {
  const { preset: name, format } = (value ?? {}) as Fields;
  return name === preset ? formats.find((one) => one === format) : undefined;
}

function shapeOf({ width, height, frames }: Fields, maxSide: number, maxFrames: number) {
  return {
    width: count(width, maxSide),
    height: count(height, maxSide),
    frames: count(frames, maxFrames),
  };
}

function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw new Error('no object');
  return value as Fields;
}

function count(value: unknown, most: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= most) return value;
  throw new Error('a number out of bounds');
}

/** For logs; the sandbox itself stays within 500 characters. */
function text(value: unknown): string {
  if (typeof value === 'string' && value.length <= mostText) return value;
  throw new Error('no text within its length');
}

/** For tenants, through the database, where a NUL would fail the statement of a whole batch. */
function line(value: unknown): string {
  return matching(/^\P{Cc}*$/u, text(value));
}

function matching(pattern: RegExp, value: unknown): string {
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw new Error(`no text like ${pattern}`);
}

function oneOf<Known extends string>(known: readonly Known[], value: unknown): Known {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new Error('an unknown value');
  return found;
}
