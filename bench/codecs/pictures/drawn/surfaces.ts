import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { colour, drawing, type Random } from './canvas.ts';
import { field, painted, specks } from './fields.ts';

/** Slow changes of colour without an edge: linear, radial, or a mesh of both. */
export async function gradient(width: number, height: number, random: Random): Promise<Raster> {
  const stops = () =>
    [0, 0.5, 1].map((at) => `<stop offset="${at}" stop-color="${colour(random, 75, 25 + 50 * random())}"/>`);
  const layers = Array.from({ length: 3 }, (_, at) => {
    const [x, y] = [random(), random()];
    return {
      defined:
        at === 0
          ? `<linearGradient id="g0" x1="0" y1="${y.toFixed(2)}" x2="1" y2="${(1 - y).toFixed(2)}">${stops().join('')}</linearGradient>`
          : `<radialGradient id="g${at}" cx="${x.toFixed(2)}" cy="${y.toFixed(2)}" r=".8">${stops().join('')}</radialGradient>`,
      drawn: `<rect width="100%" height="100%" fill="url(#g${at})" opacity="${at === 0 ? 1 : 0.45}"/>`,
    };
  });
  const body = `<defs>${layers.map(({ defined }) => defined).join('')}</defs>${layers.map(({ drawn }) => drawn).join('')}`;
  return drawing(width, height, body);
}

/** Fine texture without form: grain of film, sand of two colours, or each pixel by itself. */
export async function noise(width: number, height: number, random: Random): Promise<Raster> {
  const speck = specks(random);
  const [coarse, fine] = [
    await field(width, height, 9, random),
    await field(width, height, Math.round(width / 2.5), random),
  ] as const;
  const grain = 10 + 35 * random();
  const tint = [random(), random(), random()] as const;
  return painted(width, height, (_x, _y, at) => {
    const base = 70 + (coarse[at] as number) * 0.4 + ((fine[at] as number) - 128) * 0.5;
    const pick = (random() * 4_294_967_296) >>> 0;
    const grey = speck(pick) * grain;
    const own = (shift: number) => speck(pick >>> shift) * grain * 0.35;
    return [
      base * (0.7 + 0.5 * tint[0]) + grey + own(3),
      base * (0.7 + 0.5 * tint[1]) + grey + own(7),
      base * (0.7 + 0.5 * tint[2]) + grey + own(11),
    ];
  });
}
