import { randomBytes } from 'node:crypto';
import type { AcceptedContentType, VariantFormat } from '../../domain/image.ts';
import type { Limits, Settings } from '../../domain/settings.ts';
import { formatsOf } from '../formats.ts';
import { decodable, fileType } from '../inspect/file-type.ts';
import type { DecodeOrder } from '../order.ts';

/** The part of the settings that an answer is held to. */
export type AnswerSettings = Pick<Settings, 'presets'> & { limits: Pick<Limits, 'maxSide' | 'maxPages'> };

/** What an answer to one order must be; whatever is not in here, a decoder may not say. */
export interface Expectation {
  id: string;
  /** By the file's own first bytes; absent where they are those of no picture. */
  contentType: AcceptedContentType | undefined;
  bytes: number;
  /** All variants, in the order of the presets and their formats. */
  variants: { preset: string; format: VariantFormat }[];
  limits: AnswerSettings['limits'];
  /** Of all variants together, in bytes. */
  mostBytes: number;
}

/** What the parent knows of an answer before it has one: it asked, and it has the file. */
export function expectationOf(order: DecodeOrder, { presets, limits }: AnswerSettings): Expectation {
  const { type } = fileType(order.bytes);
  const variants = order.presetNames.flatMap((preset) => {
    const known = Object.hasOwn(presets, preset) ? presets[preset] : undefined;
    if (type === undefined || known === undefined) return [];
    return formatsOf(known, type).map((format) => ({ preset, format }));
  });
  return {
    id: randomBytes(12).toString('base64url'),
    contentType: type && decodable[type].contentType,
    bytes: order.bytes.length,
    variants,
    limits,
    mostBytes: 256 * 1024 * 1024,
  };
}
