import type { AcceptedContentType } from '../../domain/image.ts';
import type { InputType } from '../../domain/inputs.ts';
import { isBrandedAvif } from './avif-brand.ts';

/** Decoded types, with their content type and sharp's name of their format. AVIF is `heif` to sharp. */
export const decodable = {
  jpeg: { name: 'JPEG', contentType: 'image/jpeg', sharpFormat: 'jpeg' },
  png: { name: 'PNG', contentType: 'image/png', sharpFormat: 'png' },
  webp: { name: 'WebP', contentType: 'image/webp', sharpFormat: 'webp' },
  gif: { name: 'GIF', contentType: 'image/gif', sharpFormat: 'gif' },
  tiff: { name: 'TIFF', contentType: 'image/tiff', sharpFormat: 'tiff' },
  avif: { name: 'AVIF', contentType: 'image/avif', sharpFormat: 'heif' },
} as const satisfies Record<
  InputType,
  { name: string; contentType: AcceptedContentType; sharpFormat: string }
>;
export type Decodable = InputType;

interface Magic {
  name: string;
  type?: Decodable;
  at?: number;
  /** One of these is there. */
  bytes: readonly string[];
  and?: { at: number; bytes: string };
}

/** First bytes (latin1) of decoded types and of other common files; the first match wins. */
const magics: readonly Magic[] = [
  { name: 'JPEG', type: 'jpeg', bytes: ['\xff\xd8\xff'] },
  { name: 'PNG', type: 'png', bytes: ['\x89PNG\r\n\x1a\n'] },
  { name: 'WebP', type: 'webp', bytes: ['RIFF'], and: { at: 8, bytes: 'WEBP' } },
  { name: 'GIF', type: 'gif', bytes: ['GIF87a', 'GIF89a'] },
  { name: 'a raw file of a camera', bytes: ['II*\0'], and: { at: 8, bytes: 'CR' } },
  { name: 'TIFF', type: 'tiff', bytes: ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'] },
  { name: 'an AVIF sequence', at: 4, bytes: ['ftypavis'] },
  { name: 'HEIC', at: 4, bytes: ['ftyphei', 'ftyphev'] },
  { name: 'HEIF', at: 4, bytes: ['ftypmif1', 'ftypmiaf'] },
  { name: 'a raw file of a camera', at: 4, bytes: ['ftypcrx'] },
  { name: 'a video', at: 4, bytes: ['ftyp'] },
  { name: 'BMP', bytes: ['BM'] },
  { name: 'PDF', bytes: ['%PDF'] },
  { name: 'a Photoshop document', bytes: ['8BPS'] },
  { name: 'JPEG XL', bytes: ['\xff\x0a', '\0\0\0\x0cJXL '] },
  { name: 'JPEG 2000', bytes: ['\0\0\0\x0cjP  '] },
  { name: 'an icon', bytes: ['\0\0\x01\0'] },
  { name: 'OpenEXR', bytes: ['v/1\x01'] },
  { name: 'a DirectDraw surface', bytes: ['DDS '] },
  { name: 'a colour profile', at: 36, bytes: ['acsp'] },
  { name: 'PostScript', bytes: ['%!PS'] },
  { name: 'a ZIP archive', bytes: ['PK\x03\x04'] },
  { name: 'a gzip archive', bytes: ['\x1f\x8b'] },
  { name: 'a program', bytes: ['\x7fELF', 'MZ'] },
];

/** A shorter file cannot hold the head of any type below. */
const shortest = 12;

/** The result of the first bytes: a decoded type, or a name for the file. */
export function fileType(bytes: Uint8Array): { type: Decodable } | { type: undefined; found: string } {
  if (bytes.length < shortest) return { type: undefined, found: 'too short to be an image' };
  if (isBrandedAvif(bytes)) return { type: 'avif' };
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 512)).toString(
    'latin1',
  );
  const fits = (at: number, text: string) => head.startsWith(text, at);
  const magic = magics.find(
    ({ at = 0, bytes: starts, and }) =>
      starts.some((start) => fits(at, start)) && (and === undefined || fits(and.at, and.bytes)),
  );
  if (magic?.type !== undefined) return { type: magic.type };
  return { type: undefined, found: magic?.name ?? describeText(head) };
}

function describeText(head: string): string {
  const text = head.replace(/^\xef\xbb\xbf/, '').trimStart();
  if (/^<\?xml|^<svg|^<!--|^<!DOCTYPE svg/i.test(text)) return /<svg/i.test(text) ? 'SVG' : 'XML';
  if (/^<!doctype html|^<html/i.test(text)) return 'HTML';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters distinguish binary from text.
  return text.length > 0 && !/[\0-\x08\x0e-\x1f\x7f-\xff]/.test(text) ? 'text' : 'an unknown type';
}
