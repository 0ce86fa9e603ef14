import type { Gravity } from '../../domain/gravity.ts';
import type { Preset } from '../../domain/preset.ts';
import type { Inscription } from '../../domain/watermark.ts';
import { letGoOf } from '../let-go.ts';
import type { Offset } from '../offset.ts';
import type { Raster } from '../raster.ts';
import type { Watermarks } from '../watermark/watermark.ts';
import { cropAt } from './crop.ts';
import type { Geometry } from './geometry.ts';
import { pad } from './pad.ts';
import { sharpen } from './sharpen.ts';

/** What turns a whole frame into the picture of a preset. */
export interface Composition {
  preset: Preset;
  geometry: Geometry;
  /** Of what is kept of the frame, as `cropOffset` finds it. */
  corner: Offset;
  watermarks: Watermarks;
  inscription: Inscription;
}

/** Crops a frame to its canvas, sharpens it, fills up what is left of the canvas, and draws the watermarks over all. */
export async function compose(
  frame: Raster,
  { preset, geometry, corner, watermarks, inscription }: Composition,
): Promise<Raster> {
  const cropped = await cropAt(frame, corner, geometry);
  const sharp = await sharpen(cropped, preset.sharpen);
  // Only `contain` has room to fill, and its gravity is a place: the configuration sees to that.
  const whole = pad(sharp, geometry.canvas, preset.gravity as Gravity, preset.background);
  const picture = await watermarks.over(whole, preset.watermarks, inscription);
  letGoOf([cropped, sharp, whole], [frame, picture]);
  return picture;
}
