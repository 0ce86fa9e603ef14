import { createHash } from 'node:crypto';
import { longestSide } from '../../domain/box.ts';
import { rejectionCodes } from '../../domain/failure.ts';
import { contentTypeOf, type Original, type Placeholder } from '../../domain/image.ts';
import type { RenderedImage, RenderedVariant } from '../rendered-image.ts';
import type { Expectation } from './expectation.ts';
import type { Frame } from './frame.ts';
import type { RenderOutcome } from './protocol.ts';

/*
 * What the parent takes from a sandbox. It has read a stranger's bytes, so that nothing it says is believed unseen: an
 * answer of another shape, or to another question, is one that a broken sandbox gave. By hand, for zod would add 9 kB to
 * what `process` loads.
 */
const mostText = 1000;
/** What a column of the database holds. A GIF may have more frames than are shown of it. */
const mostFrames = 2 ** 31 - 1;
type Fields = Record<string, unknown>;

/** Whether a frame says that the sandbox is ready, which it says once, before it has any order. */
export function isReady({ header, body }: Frame): boolean {
  return fields(header).type === 'ready' && body.length === 0;
}

/**
 * What a frame says to the order that is under way; the bytes of its variants are parts of the frame's.
 * @throws where it is not the answer to that order
 */
export function responseOf({ header, body }: Frame, expected: Expectation): RenderOutcome<RenderedImage> {
  const message = fields(header);
  if (message.id !== expected.id) throw new Error('an answer to nothing that was asked');
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
      throw new Error('a message of no known type');
  }
}

/** Size and type the parent knows; the rest is held to what the limits let through. */
function originalOf(value: unknown, { contentType, bytes, limits }: Expectation): Original {
  if (contentType === undefined) throw new Error('a picture of what is none');
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
 * All that were asked for, one by one. They tell the number of their bytes, which lie one behind the other in the body;
 * what these are the parent says itself, as S3 refuses bytes of another checksum and would be taken for one that is away.
 */
function variantsOf(value: unknown, body: Buffer, { variants, limits }: Expectation): RenderedVariant[] {
  if (!Array.isArray(value) || value.length !== variants.length)
    throw new Error('not the number of variants that were asked for');
  let end = 0;
  const found = variants.map(({ preset, format }, index): RenderedVariant => {
    const told = fields(value[index]);
    if (told.preset !== preset || told.format !== format) throw new Error('a variant that was not asked for');
    const begin = end;
    end += count(told.bytes);
    const bytes = body.subarray(begin, end);
    return {
      preset,
      format,
      // Never the sandbox's own word, by which browsers would take a picture for a page.
      contentType: contentTypeOf[format],
      ...shapeOf(told, longestSide, limits.maxPages),
      bytes,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
  });
  if (end !== body.length) throw new Error(`${body.length} bytes for variants of ${end}`);
  return found;
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
  throw new Error('no count within its bounds');
}

/** For a log; the sandbox keeps its own within 500 characters. */
function text(value: unknown): string {
  if (typeof value === 'string' && value.length <= mostText) return value;
  throw new Error('no text of that length');
}

/** For a tenant, through the database, where a NUL would fail the statement of a whole batch. */
function line(value: unknown): string {
  return matching(/^\P{Cc}*$/u, text(value));
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
