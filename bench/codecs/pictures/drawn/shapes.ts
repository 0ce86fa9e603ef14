import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { colour, drawing, layered, letters, one, type Random } from './canvas.ts';

/** Thin strokes: plans with hatching and dimensions, curves, and circles, black or coloured on a plain ground. */
export async function lineArt(width: number, height: number, random: Random): Promise<Raster> {
  const dark = random() > 0.7;
  const inks = dark ? ['#dfe8ff', '#ffd166', '#7fd1ae'] : ['#111111', '#1d3fae', '#b3261e'];
  const parts: string[] = [];
  const stroke = () =>
    `fill="none" stroke="${one(random, inks)}" stroke-width="${(1 + 3 * random()).toFixed(1)}"`;
  const x = () => (random() * width).toFixed(1);
  const y = () => (random() * height).toFixed(1);
  for (let curve = 0; curve < 60; curve++)
    parts.push(`<path d="M${x()} ${y()}C${x()} ${y()} ${x()} ${y()} ${x()} ${y()}" ${stroke()}/>`);
  for (let ring = 0; ring < 40; ring++)
    parts.push(
      `<circle cx="${x()}" cy="${y()}" r="${(5 + (random() * width) / 12).toFixed(1)}" ${stroke()}/>`,
    );
  for (let box = 0; box < 14; box++) {
    const [left, top] = [random() * width * 0.85, random() * height * 0.85];
    const [wide, high] = [width * (0.04 + 0.1 * random()), height * (0.05 + 0.1 * random())];
    const ink = stroke();
    const hatch = Array.from({ length: Math.floor(wide / 9) }, (_, at) => {
      const from = left + at * 9;
      return `M${from.toFixed(1)} ${(top + high).toFixed(1)}L${Math.min(left + wide, from + high).toFixed(1)} ${Math.max(top, top + high - (left + wide - from)).toFixed(1)}`;
    });
    parts.push(
      `<rect x="${left.toFixed(1)}" y="${top.toFixed(1)}" width="${wide.toFixed(1)}" height="${high.toFixed(1)}" ${ink}/>`,
      `<path d="${hatch.join('')}" ${ink}/>`,
    );
  }
  return drawing(width, height, parts.join(''), dark ? '#10203a' : one(random, ['#fff', '#fff', '#fbf6e9']));
}

/** A mark of a few flat colours, and a name. */
export async function logo(width: number, height: number, random: Random): Promise<Raster> {
  const ground = one(random, ['#ffffff', '#ffffff', '#0f172a', colour(random, 80, 45)]);
  const [first, second, third] = [colour(random, 85, 45), colour(random, 85, 55), colour(random, 60, 30)];
  const radius = height * (0.18 + 0.08 * random());
  const [cx, cy] = [width / 2, height * 0.4];
  const parts: string[] = [];
  const petals = 3 + Math.floor(random() * 6);
  for (let petal = 0; petal < petals; petal++) {
    const turn = (360 * petal) / petals;
    const form = one(random, [
      `<circle cx="0" cy="${(-radius).toFixed(1)}" r="${(radius * 0.55).toFixed(1)}"`,
      `<rect x="${(-radius * 0.4).toFixed(1)}" y="${(-radius * 1.4).toFixed(1)}" width="${(radius * 0.8).toFixed(1)}" height="${radius.toFixed(1)}" rx="${(radius * 0.15).toFixed(1)}"`,
      `<path d="M0 0L${(radius * 0.5).toFixed(1)} ${(-radius * 1.3).toFixed(1)}L${(-radius * 0.5).toFixed(1)} ${(-radius * 1.3).toFixed(1)}Z"`,
    ]);
    parts.push(
      `<g transform="translate(${cx} ${cy}) rotate(${turn.toFixed(1)})">${form} fill="${petal % 2 === 0 ? first : second}"/></g>`,
    );
  }
  parts.push(
    `<circle cx="${cx}" cy="${cy}" r="${(radius * 0.5).toFixed(1)}" fill="${third}"/>`,
    `<rect x="${(width * 0.2).toFixed(0)}" y="${(height * 0.92).toFixed(0)}" width="${(width * 0.6).toFixed(0)}" height="${(height * 0.02).toFixed(0)}" fill="${first}"/>`,
  );
  const name = one(random, ['Sluice', 'Weir & Co.', 'NORTHGATE', 'millrace', 'Lock 42']);
  const written = await letters(
    name.replace('&', '&amp;'),
    width / 9,
    ground === '#ffffff' ? third : '#ffffff',
  );
  const mark = await drawing(width, height, parts.join(''), ground);
  return layered(mark, [{ raster: written, left: (width - written.width) / 2, top: height * 0.72 }]);
}
