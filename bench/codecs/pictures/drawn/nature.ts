import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { drawing, piped, type Random } from './canvas.ts';
import { field, grained, painted } from './fields.ts';

/** Skin close up: slow light over round forms, a mesh of pores and fine lines, freckles, and the grain of a sensor. */
export async function skin(width: number, height: number, random: Random): Promise<Raster> {
  const tone = 0.45 + 0.55 * random();
  const [form, blotches, pores, fine] = [
    await field(width, height, 5, random),
    await field(width, height, 40, random),
    await field(width, height, Math.round(width / 7), random),
    await field(width, height, Math.round(width / 3), random),
  ] as const;
  const light = 0.3 + 0.5 * random();
  const drawn = painted(width, height, (x, y, at) => {
    const shade = 0.72 + light * ((form[at] as number) / 255 - 0.5) + 0.18 * (1 - x / width - y / height / 2);
    const relief = ((pores[at] as number) - 128) * 0.05 + ((fine[at] as number) - 128) * 0.045;
    const blush = ((blotches[at] as number) - 128) * 0.06;
    return [
      255 * shade * (0.55 + 0.4 * tone) + relief + blush,
      205 * shade * (0.45 + 0.5 * tone) + relief - blush,
      175 * shade * (0.4 + 0.52 * tone) + relief * 1.1 - blush,
    ];
  });
  return grained(drawn, random, 2.2, 0.6);
}

/** Thousands of overlapping leaves with veins, from the dark ground to those in the sun. */
export async function foliage(width: number, height: number, random: Random): Promise<Raster> {
  const leaves: string[] = [];
  const count = 5000;
  const hue = 70 + 60 * random();
  for (let leaf = 0; leaf < count; leaf++) {
    const depth = leaf / count;
    const long = (width / 60) * (0.5 + random()) * (1.4 - depth * 0.6);
    const lightness = 8 + 38 * depth * (0.5 + random()) + (random() > 0.93 ? 18 : 0);
    const fill = `hsl(${(hue + 35 * (random() - 0.5)).toFixed(0)},${(35 + 30 * random()).toFixed(0)}%,${lightness.toFixed(0)}%)`;
    const vein = `hsl(${hue.toFixed(0)},30%,${(lightness + 9).toFixed(0)}%)`;
    const place = `translate(${(random() * width).toFixed(1)} ${(random() * height).toFixed(1)}) rotate(${(random() * 360).toFixed(0)})`;
    const [l, w] = [long, long * (0.25 + 0.25 * random())];
    leaves.push(
      `<g transform="${place}"><path d="M${(-l).toFixed(1)} 0Q0 ${(-2 * w).toFixed(1)} ${l.toFixed(1)} 0Q0 ${(2 * w).toFixed(1)} ${(-l).toFixed(1)} 0" fill="${fill}"/>` +
        `<path d="M${(-l).toFixed(1)} 0H${l.toFixed(1)}" stroke="${vein}" stroke-width="${(l / 18).toFixed(2)}"/></g>`,
    );
  }
  const drawn = await drawing(width, height, leaves.join(''), '#0b140a');
  const light = await field(width, height, 7, random);
  for (let at = 0; at < light.length; at++)
    for (let channel = 0; channel < 3; channel++) {
      const index = at * 3 + channel;
      drawn.data[index] = Math.min(255, (drawn.data[index] as number) * (0.5 + (light[at] as number) / 220));
    }
  return grained(drawn, random, 3, 0.4);
}

/** A town at night: a sky from blue to black, dark houses with lit windows, lamps with halos, and much grain. */
export async function night(width: number, height: number, random: Random): Promise<Raster> {
  const parts: string[] = [
    `<defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#02040c"/><stop offset=".7" stop-color="#131a33"/><stop offset="1" stop-color="#38264a"/></linearGradient>` +
      `<radialGradient id="lamp"><stop stop-color="#fff6d8"/><stop offset=".12" stop-color="#ffcf7a" stop-opacity=".9"/><stop offset="1" stop-color="#ff9a2e" stop-opacity="0"/></radialGradient></defs>`,
    `<rect width="${width}" height="${height}" fill="url(#sky)"/>`,
  ];
  for (let x = 0; x < width; ) {
    const wide = width * (0.04 + 0.08 * random());
    const high = height * (0.15 + 0.45 * random());
    parts.push(
      `<rect x="${x.toFixed(0)}" y="${(height - high).toFixed(0)}" width="${wide.toFixed(0)}" height="${high.toFixed(0)}" fill="hsl(230,25%,${(3 + 5 * random()).toFixed(0)}%)"/>`,
    );
    const pane = width / 130;
    for (let row = height - high + pane; row < height - pane; row += pane * 2.2)
      for (let column = x + pane; column < x + wide - pane; column += pane * 1.8)
        if (random() > 0.68)
          parts.push(
            `<rect x="${column.toFixed(1)}" y="${row.toFixed(1)}" width="${(pane * 0.9).toFixed(1)}" height="${(pane * 1.2).toFixed(1)}" fill="hsl(${(30 + 25 * random()).toFixed(0)},85%,${(35 + 35 * random()).toFixed(0)}%)"/>`,
          );
    x += wide * 0.92;
  }
  for (let lamp = 0; lamp < 26; lamp++) {
    const radius = width * (0.008 + 0.03 * random());
    parts.push(
      `<circle cx="${(random() * width).toFixed(0)}" cy="${(height * (0.55 + 0.42 * random())).toFixed(0)}" r="${radius.toFixed(0)}" fill="url(#lamp)"/>`,
    );
  }
  const drawn = await drawing(width, height, parts.join(''), '#000');
  const soft = await piped(drawn).blur(1.2).raw().toBuffer();
  return grained({ ...drawn, data: soft }, random, 3, 1.2);
}
