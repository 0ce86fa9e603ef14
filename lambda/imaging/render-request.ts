import type { Inscription } from '../domain/watermark.ts';

/** What a decode is asked for: one image, the presets wanted of it, and what its watermarks may say of it. */
export interface RenderRequest extends Inscription {
  bytes: Uint8Array;
  presetNames: string[];
}
