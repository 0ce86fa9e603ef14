import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { colour, drawing, type Layer, layered, letters, one, prose, type Random } from './canvas.ts';

/** Ground, letters, and the colour of what stands out. */
const themes = [
  ['#ffffff', '#1a1a1a', '#0b57d0'],
  ['#ffffff', '#333333', '#b3261e'],
  ['#14181c', '#d8dee4', '#6ea8ff'],
  ['#fbf3e4', '#3b2f20', '#8a4b08'],
  ['#12308a', '#ffffff', '#ffd84d'],
] as const;

/** A page in one or two columns: headings, paragraphs in several sizes, words in colour. */
export async function text(width: number, height: number, random: Random): Promise<Raster> {
  const [ground, ink, accent] = one(random, themes);
  const columns = random() > 0.5 ? 2 : 1;
  const margin = width * 0.05;
  const wide = (width - margin * (columns + 1)) / columns;
  const em = width / one(random, [62, 80, 100]);
  const layers: Layer[] = [];
  for (let column = 0; column < columns; column++) {
    const left = margin + column * (wide + margin);
    for (let top = margin; top < height - margin; ) {
      const heading = await letters(prose(random, 4), em * 1.8, accent, wide);
      layers.push({ raster: heading, left, top });
      top += heading.height + em * 0.8;
      const body = await letters(prose(random, 70), em, ink, wide);
      layers.push({ raster: body, left, top });
      top += body.height + em * 1.6;
    }
  }
  return layered(await drawing(width, height, '', ground), layers);
}

/** A window of a program: a bar, a list at the side, cards or a table, buttons, a chart, and text in small sizes. */
export async function screenshot(
  width: number,
  height: number,
  random: Random,
  photograph?: (wide: number, high: number) => Promise<Raster>,
): Promise<Raster> {
  const dark = random() > 0.6;
  const [ground, panel, ink, line] = dark
    ? ['#0d1117', '#161b22', '#e6edf3', '#30363d']
    : ['#f6f8fa', '#ffffff', '#1f2328', '#d0d7de'];
  const accent = colour(random, 80, dark ? 60 : 42);
  const em = width / 95;
  const [bar, side] = [em * 3.2, width * 0.19];
  const parts = [
    `<rect width="${width}" height="${bar.toFixed(1)}" fill="${panel}"/>`,
    `<rect y="${bar.toFixed(1)}" width="${side.toFixed(1)}" height="${height}" fill="${panel}"/>`,
    `<path d="M0 ${bar.toFixed(1)}H${width}M${side.toFixed(1)} ${bar.toFixed(1)}V${height}" stroke="${line}"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (fill, at) =>
        `<circle cx="${(em * (1.5 + at * 1.6)).toFixed(1)}" cy="${(bar / 2).toFixed(1)}" r="${(em * 0.45).toFixed(1)}" fill="${fill}"/>`,
    ),
  ];
  const layers: Layer[] = [
    { raster: await letters(prose(random, 3), em * 1.1, ink), left: side, top: bar * 0.3 },
  ];
  for (let entry = 0, top = bar + em * 1.5; top < height - em * 2; entry++, top += em * 2.6) {
    if (entry === 2)
      parts.push(
        `<rect x="${(em * 0.6).toFixed(1)}" y="${(top - em * 0.6).toFixed(1)}" width="${(side - em * 1.2).toFixed(1)}" height="${(em * 2.2).toFixed(1)}" rx="6" fill="${accent}"/>`,
      );
    parts.push(
      `<rect x="${(em * 1.2).toFixed(1)}" y="${top.toFixed(1)}" width="${em.toFixed(1)}" height="${em.toFixed(1)}" rx="3" fill="${colour(random, 60, 55)}"/>`,
    );
    layers.push({
      raster: await letters(prose(random, 2), em, entry === 2 ? '#ffffff' : ink),
      left: em * 3,
      top,
    });
  }
  const inner = { left: side + em * 2, top: bar + em * 2, width: width - side - em * 4 };
  const high = height * 0.4;
  parts.push(card(inner.left, inner.top, inner.width, high, panel, line));
  if (photograph === undefined) parts.push(columnsOf(inner, high, em, accent, random));
  else {
    const size = [Math.round(inner.width - em * 2), Math.round(high - em * 2)] as const;
    layers.push({ raster: await photograph(...size), left: inner.left + em, top: inner.top + em });
  }
  for (let top = inner.top + high + em * 2; top < height - em * 3; top += em * 3.4) {
    parts.push(card(inner.left, top, inner.width, em * 2.8, panel, line));
    layers.push(
      { raster: await letters(prose(random, 8), em, ink), left: inner.left + em, top: top + em * 0.8 },
      {
        raster: await letters(`${Math.floor(random() * 9999)} ms`, em, accent),
        left: inner.left + inner.width - em * 7,
        top: top + em * 0.8,
      },
    );
  }
  return layered(await drawing(width, height, parts.join(''), ground), layers);
}

function card(x: number, y: number, wide: number, high: number, fill: string, line: string): string {
  return `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${wide.toFixed(1)}" height="${high.toFixed(1)}" rx="8" fill="${fill}" stroke="${line}"/>`;
}

function columnsOf(
  { left, top, width }: { left: number; top: number; width: number },
  high: number,
  em: number,
  accent: string,
  random: Random,
): string {
  const bars = 24;
  const step = (width - em * 4) / bars;
  return Array.from({ length: bars }, (_, at) => {
    const tall = (high - em * 4) * (0.15 + 0.85 * random());
    return `<rect x="${(left + em * 2 + at * step).toFixed(1)}" y="${(top + high - em * 2 - tall).toFixed(1)}" width="${(step * 0.7).toFixed(1)}" height="${tall.toFixed(1)}" fill="${accent}" opacity="${at % 3 === 0 ? 0.5 : 1}"/>`;
  }).join('');
}
