import type { Gravity } from '../domain/gravity.ts';
import type { Size } from './raster.ts';

/** Left and top of a part within a whole, in pixels; negative where it starts outside. */
export interface Offset {
  left: number;
  top: number;
}

/** The offset of a part by its gravity; negative where the part is the larger one. */
export function offsetOf(whole: Size, part: Size, gravity: Gravity): Offset {
  const place = (space: number, before: boolean, after: boolean) =>
    before ? 0 : after ? space : Math.floor(space / 2);
  return {
    left: place(whole.width - part.width, gravity.endsWith('west'), gravity.endsWith('east')),
    top: place(whole.height - part.height, gravity.startsWith('north'), gravity.startsWith('south')),
  };
}
