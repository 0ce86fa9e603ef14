import type { Mask } from './letters.ts';

const far = 1e20;

/**
 * Widens a mask by a round brush with soft edges: every pixel within `radius` of the letters is covered. Uses the exact
 * Euclidean distance in two passes (Felzenszwalb and Huttenlocher, "Distance Transforms of Sampled Functions", 2012), so
 * that a thick outline costs no more than a thin one. A partly covered pixel is half a pixel, less its share, away.
 * @param radius in pixels, fractions allowed
 */
export function widen(mask: Mask, radius: number): Mask {
  const { width, height } = mask;
  const squares = new Float64Array(width * height);
  for (let at = 0; at < squares.length; at++) {
    const share = (mask.data[at] as number) / 255;
    squares[at] = share === 0 ? far : Math.max(0, 0.5 - share) ** 2;
  }
  const line = lowerEnvelope(Math.max(width, height));
  for (let x = 0; x < width; x++) line(squares, x, width, height);
  for (let y = 0; y < height; y++) line(squares, y * width, 1, width);
  const data = Buffer.alloc(squares.length);
  for (let at = 0; at < squares.length; at++) {
    const cover = radius + 0.5 - Math.sqrt(squares[at] as number);
    data[at] = Math.round(255 * Math.min(1, Math.max(0, cover)));
  }
  return { data, width, height };
}

/** The pass along one line: each value becomes the minimum of all values plus the squared distance to them. */
function lowerEnvelope(longest: number) {
  const values = new Float64Array(longest);
  const centres = new Int32Array(longest);
  const bounds = new Float64Array(longest + 1);
  return (squares: Float64Array, from: number, step: number, length: number): void => {
    for (let at = 0; at < length; at++) values[at] = squares[from + at * step] as number;
    const height = (at: number) => (values[at] as number) + at * at;
    let last = 0;
    centres[0] = 0;
    bounds[0] = -far;
    bounds[1] = far;
    for (let at = 1; at < length; at++) {
      let meets: number;
      do {
        const centre = centres[last] as number;
        meets = (height(at) - height(centre)) / (2 * (at - centre));
      } while (meets <= (bounds[last] as number) && --last >= 0);
      last++;
      centres[last] = at;
      bounds[last] = meets;
      bounds[last + 1] = far;
    }
    last = 0;
    for (let at = 0; at < length; at++) {
      while ((bounds[last + 1] as number) < at) last++;
      const centre = centres[last] as number;
      squares[from + at * step] = (at - centre) ** 2 + (values[centre] as number);
    }
  };
}
