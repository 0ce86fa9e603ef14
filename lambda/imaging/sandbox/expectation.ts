import { randomBytes } from 'node:crypto';
import { mostAnswerBytes } from '../../domain/encoded-size.ts';
import { olderFormats, possibleFormats } from '../../domain/formats.ts';
import type { AcceptedContentType, VariantFormat } from '../../domain/image.ts';
import type { InputType } from '../../domain/inputs.ts';
import { shareOf } from '../../domain/portion.ts';
import type { Preset } from '../../domain/preset.ts';
import type { Settings } from '../../domain/settings.ts';
import { decodable, fileType } from '../inspect/file-type.ts';
import type { RenderRequest } from '../render-request.ts';

export type ResponseSettings = Pick<Settings, 'presets' | 'limits' | 'inputs'>;

/** The only response that a sandbox may give to one request. */
export interface Expectation {
  id: string;
  /** By the file's first bytes; absent where they are no image's. */
  contentType: AcceptedContentType | undefined;
  bytes: number;
  /** All variants, in the order of the presets and their formats. */
  variants: ExpectedVariant[];
  limits: Pick<Settings['limits'], 'maxSide' | 'maxPages'>;
  /** Of all variants together, in bytes. */
  mostBytes: number;
}

/** One variant of a preset, in one of these formats. */
export interface ExpectedVariant {
  preset: string;
  formats: readonly VariantFormat[];
  /** It may be missing: the JPEG or the PNG of the preset can be smaller than what is newer. */
  optional: boolean;
}

/** The expected response, from the request and the file alone. */
export function expectationOf(order: RenderRequest, settings: ResponseSettings): Expectation {
  const { presets, limits } = settings;
  const { type } = fileType(order.bytes);
  const known = type === undefined ? [] : order.presetNames.filter((name) => Object.hasOwn(presets, name));
  const variants = known.flatMap((preset) =>
    shareOf(preset, presets[preset] as Preset, type as InputType, order.portion ?? 'all').formats.map(
      (choice) => ({
        preset,
        formats: possibleFormats(choice),
        optional: choice === 'modern' && olderFormats(presets[preset] as Preset).length > 0,
      }),
    ),
  );
  return {
    id: randomBytes(12).toString('base64url'),
    contentType: type && decodable[type].contentType,
    bytes: order.bytes.length,
    variants,
    limits,
    mostBytes: mostAnswerBytes(settings, known, type),
  };
}
