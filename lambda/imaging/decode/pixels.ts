import type { OutputInfo, Sharp } from 'sharp';
import { damaged } from '../inspect/damage.ts';
import type { Inspected } from '../inspect/inspect.ts';
import { isUntidyTag } from '../inspect/tiff-warnings.ts';

export type FailOn = 'warning' | 'error';

export interface Pixels {
  data: Buffer;
  info: OutputInfo;
}

/** Prefix of sharp's message where libvips failed for warnings alone, which follow line by line. */
const warningsAlone = 'Warning treated as error due to failOn setting';
/** Added by libvips when a part of an image failed for any reason. */
const consequence = /^error in tile \d+ x \d+$/;

/**
 * Runs the codec on an untrusted file, and nothing else: its errors are the file's fault. Every warning is an error, so
 * that no half-grey photograph becomes ready. Exception: a TIFF with warnings about tags only is read again, and judged by
 * all warnings of that run.
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
 * libvips checks for warnings of libjpeg before each eight output lines, so never after the last: of a photograph shrunk to
 * an eighth, these are 64 lines. It reports their number when the file is closed.
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
