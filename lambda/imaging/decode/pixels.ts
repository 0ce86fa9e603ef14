import type { OutputInfo, Sharp } from 'sharp';
import { damaged } from '../inspect/damage.ts';
import type { Inspected } from '../inspect/inspect.ts';
import { isUntidyTag } from '../inspect/tiff-warnings.ts';

/** How the codec is to take what it complains of: every warning for an error, or errors only. */
export type FailOn = 'warning' | 'error';

/** What came out of a codec. */
export interface Pixels {
  data: Buffer;
  info: OutputInfo;
}

/** First words of sharp where libvips failed for warnings alone, which follow line by line. */
const warningsAlone = 'Warning treated as error due to failOn setting';
/** What libvips adds when a part of a picture failed, whatever for. */
const consequence = /^error in tile \d+ x \d+$/;

/**
 * Runs the codec on a stranger's file, and nothing but the codec: what it complains of is the file's fault. A half-grey
 * photograph must not end as ready, so that every warning is an error, but for those of a TIFF that are about tags: where
 * there are no others, the file is read again and judged by all that is warned of then.
 * @param open makes the pipeline, to be run once
 * @throws Rejection corrupt_image, dimensions_too_large
 */
export async function readPixels(
  open: (failOn: FailOn) => Sharp,
  { type, maxPixels }: Pick<Inspected, 'type' | 'maxPixels'>,
): Promise<Pixels> {
  const strict = await run(open('warning'));
  const lenient = type === 'tiff' && isForTagsAlone(strict.error) ? await run(open('error')) : strict;
  const { pixels, error, warnings } = lenient;
  if (pixels === undefined) throw damaged(error, type, maxPixels);
  const complaint = type === 'tiff' ? warnings.find((text) => !isUntidyTag(text)) : unnoticed(warnings);
  if (complaint !== undefined) throw damaged(new Error(complaint), type, maxPixels);
  return pixels;
}

interface Outcome {
  pixels?: Pixels;
  error?: unknown;
  warnings: string[];
}

async function run(pipeline: Sharp): Promise<Outcome> {
  const warnings: string[] = [];
  pipeline.on('warning', (text: string) => void warnings.push(text.trim()));
  try {
    return { pixels: await pipeline.toBuffer({ resolveWithObject: true }), warnings };
  } catch (error) {
    return { error, warnings };
  }
}

/**
 * libvips looks for warnings of libjpeg before each eight lines that it makes, and so never after the last: of a
 * photograph shrunk to an eighth, these are 64 lines. It tells their number when the file is closed.
 */
function unnoticed(warnings: readonly string[]): string | undefined {
  const at = warnings.findIndex((text) => /^read gave \d+ warnings$/.test(text));
  return at < 0 ? undefined : warnings.slice(at).join('\n');
}

function isForTagsAlone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const [first, ...warnings] = error.message.split('\n').map((line) => line.trim());
  return first === warningsAlone && warnings.every((text) => consequence.test(text) || isUntidyTag(text));
}
