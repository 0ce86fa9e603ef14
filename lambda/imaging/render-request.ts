import type { Portion } from '../domain/portion.ts';
import type { Inscription } from '../domain/watermark.ts';

/** A request to render one image: its bytes, the presets, and the values that watermarks may show. */
export interface RenderRequest extends Inscription {
  bytes: Uint8Array;
  presetNames: string[];
  /** Default: all variants. */
  portion?: Portion;
}
