import type { Sharp } from 'sharp';
import type { Credit } from '../../domain/preset.ts';
import type { Credits } from '../metadata/credits.ts';
import { writeXmp } from '../metadata/xmp-packet.ts';

/**
 * Writes the credits wanted into what a pipeline encodes: XMP holds them as they are, EXIF what ASCII can hold. Both are
 * made anew; no block of the original is ever copied.
 */
export function withCredits(pipeline: Sharp, credits: Credits, wanted: readonly Credit[]): Sharp {
  const kept = (name: Credit) => (wanted.includes(name) ? credits[name] : undefined);
  const [copyright, creator, credit] = [kept('copyright'), kept('creator'), kept('credit')];
  if ((copyright ?? creator ?? credit) === undefined) return pipeline;
  const exif = Object.entries({ Copyright: copyright, Artist: creator }).flatMap(([name, text]) => {
    const ascii = text === undefined ? undefined : asAscii(text);
    return ascii === undefined ? [] : [[name, ascii] as const];
  });
  if (exif.length > 0) pipeline.withExif({ IFD0: Object.fromEntries(exif) });
  return pipeline.withXmp(writeXmp({ rights: copyright, creator, credit }));
}

/**
 * Letters without their accents; undefined where that is not enough, as no name is better than question marks. libvips
 * takes a last bracketed part for its own note and drops it, so that it gets one to drop.
 */
function asAscii(text: string): string | undefined {
  const plain = text.replaceAll('©', '(c)').normalize('NFKD').replace(/\p{M}/gu, '');
  if (!/^[ -~]+$/.test(plain)) return undefined;
  return plain.endsWith(')') ? `${plain} ()` : plain;
}
