/** One frame of a GIF: rows of palette indices, delay in hundredths of a second, disposal by number. */
export interface GifFrame {
  left?: number;
  top?: number;
  pixels: number[][];
  transparent?: number;
  disposal?: number;
  delay?: number;
}

/** Index 0 is the transparent one of frames. */
export const palette = [
  [0, 0, 0],
  [220, 30, 30],
  [30, 160, 50],
  [50, 70, 210],
  [240, 200, 40],
  [255, 255, 255],
  [120, 120, 120],
  [0, 0, 0],
];
const screen = { width: 48, height: 32 };

function area(colour: number, width: number = screen.width, height: number = screen.height): number[][] {
  return Array.from({ length: height }, () => Array<number>(width).fill(colour));
}

/** A coloured ring around transparent pixels. */
function ring(colour: number, width: number, height: number): number[][] {
  return area(colour, width, height).map((row, y) =>
    row.map((_, x) => (x < 4 || y < 4 || x >= width - 4 || y >= height - 4 ? colour : 0)),
  );
}

/** Savings of encoders that players often get wrong, on a screen of 48 × 32. */
export const oddDisposal: { name: string; frames: GifFrame[] }[] = [
  {
    name: 'whose frames are drawn over one another',
    frames: [
      { pixels: area(1), disposal: 1 },
      { left: 8, top: 8, pixels: area(2, 16, 16), disposal: 1, delay: 7 },
      { left: 20, top: 4, pixels: ring(3, 20, 20), transparent: 0, disposal: 0, delay: 25 },
      { left: 0, top: 24, pixels: area(4, 48, 8), disposal: 1 },
    ],
  },
  {
    name: 'whose areas are cleared after display',
    frames: [
      { pixels: area(1), disposal: 2 },
      { left: 8, top: 8, pixels: area(2, 16, 16), disposal: 2 },
      { left: 20, top: 4, pixels: ring(3, 20, 20), transparent: 0, disposal: 2 },
      { left: 0, top: 16, pixels: area(4, 24, 16), disposal: 2 },
    ],
  },
  {
    name: 'whose frames are restored to the previous state',
    frames: [
      { pixels: area(1), disposal: 1 },
      { left: 8, top: 8, pixels: area(2, 16, 16), disposal: 3 },
      { left: 20, top: 4, pixels: ring(3, 20, 20), transparent: 0, disposal: 3 },
      { left: 30, top: 20, pixels: area(5, 8, 8), disposal: 1 },
      { left: 32, top: 2, pixels: area(4, 8, 8), disposal: 3 },
    ],
  },
  {
    name: 'whose first frame leaves parts of the screen empty',
    frames: [
      { left: 12, top: 8, pixels: area(3, 16, 16), disposal: 1 },
      { left: 0, top: 0, pixels: area(4, 10, 10), disposal: 2 },
      { left: 30, top: 20, pixels: ring(2, 12, 12), transparent: 0, disposal: 1 },
    ],
  },
  {
    name: 'whose opaque areas are cleared, with nothing transparent in the file',
    frames: [
      { pixels: area(1), disposal: 2 },
      { left: 8, top: 8, pixels: area(2, 16, 16), disposal: 2 },
      { left: 20, top: 4, pixels: area(3, 20, 20), disposal: 1 },
      { left: 0, top: 0, pixels: area(4, 24, 8), disposal: 2 },
      { left: 40, top: 24, pixels: area(5, 8, 8), disposal: 0 },
    ],
  },
  {
    name: 'whose first frame is restored to an empty screen, with nothing transparent in the file',
    frames: [
      { pixels: area(1), disposal: 3 },
      { left: 8, top: 8, pixels: area(2, 16, 16), disposal: 1 },
      { left: 20, top: 4, pixels: area(3, 20, 20), disposal: 3 },
      { left: 0, top: 24, pixels: area(4, 48, 8), disposal: 1 },
    ],
  },
  {
    name: 'whose kinds of disposal are mixed',
    frames: [
      { pixels: ring(1, 48, 32), transparent: 0, disposal: 1 },
      { left: 8, top: 8, pixels: area(2, 16, 16), disposal: 2 },
      { left: 4, top: 4, pixels: area(3, 30, 20), disposal: 3 },
      { left: 20, top: 10, pixels: ring(5, 20, 20), transparent: 0, disposal: 0 },
      { left: 40, top: 0, pixels: area(6, 8, 32), disposal: 2 },
      { left: 0, top: 0, pixels: area(4, 6, 6), disposal: 1 },
    ],
  },
];
