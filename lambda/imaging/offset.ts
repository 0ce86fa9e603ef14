import type { Gravity } from '../domain/gravity.ts';
import type { Size } from './raster.ts';

/** The left and top of something in a whole, in pixels; negative where it begins outside. */
export interface Offset {
  left: number;
  top: number;
}

/** Where something of a size lies in a whole by its gravity; negative where it is the larger of the two. */
export function offsetOf(whole: Size, part: Size, gravity: Gravity): Offset {
  const place = (room: number, before: boolean, after: boolean) =>
    before ? 0 : after ? room : Math.floor(room / 2);
  return {
    left: place(whole.width - part.width, gravity.endsWith('west'), gravity.endsWith('east')),
    top: place(whole.height - part.height, gravity.startsWith('north'), gravity.startsWith('south')),
  };
}
