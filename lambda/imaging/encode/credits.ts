import type { Sharp } from 'sharp';
import type { Credit } from '../../domain/preset.ts';
import type { Credits } from '../metadata/credits.ts';
import { writeXmp } from '../metadata/xmp-packet.ts';

/**
 * Writes the kept credits: XMP holds them as they are, EXIF where ASCII can. Both are written anew; no block of the
 * original is copied.
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
 * Letters without accents; undefined where other characters remain: no name is better than question marks. libvips drops a
 * final part in brackets, so one is added.
 */
function asAscii(text: string): string | undefined {
  const plain = text.replaceAll('©', '(c)').normalize('NFKD').replace(/\p{M}/gu, '');
  if (!/^[ -~]+$/.test(plain)) return undefined;
  return plain.endsWith(')') ? `${plain} ()` : plain;
}
