import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { thumbHashToDataURL } from 'thumbhash';
import type { RenderedImage, RenderedVariant } from '../../lambda/imaging/rendered-image.ts';
import type { Column } from './columns.ts';
import type { Row } from './develop.ts';

const style = readFileSync(join(import.meta.dirname, 'page.css'), 'utf8');

/** The whole sheet as one self-contained HTML file: images are data URLs. */
export function page(rows: readonly Row[], columns: readonly Column[]): string {
  const refused = rows.filter(({ outcome }) => 'code' in outcome).length;
  const variants = (rows.length - refused) * columns.length;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Contact sheet · Sluice</title>
<style>${style}</style>
<header>
  <h1>Contact sheet</h1>
  <p>${rows.length} inputs × ${columns.length} recipes: ${variants} variants, ${refused} inputs refused.
  Each picture is what the pipeline made, byte for byte.</p>
</header>
<table>
<thead>
<tr><th class="corner" rowspan="2" scope="col">Input</th><th rowspan="2" scope="col" class="first">Placeholder</th>${groups(columns)}</tr>
<tr>${columns.map((column, index) => `<th scope="col"${first(columns, index)}>${escaped(column.title)}</th>`).join('')}</tr>
</thead>
<tbody>
${rows.map((row) => rowOf(row, columns)).join('\n')}
</tbody>
</table>
</html>
`;
}

function groups(columns: readonly Column[]): string {
  const names = [...new Set(columns.map(({ group }) => group))];
  return names
    .map((name) => {
      const span = columns.filter(({ group }) => group === name).length;
      return `<th class="group first" colspan="${span}" scope="colgroup"><span>${escaped(name)}</span></th>`;
    })
    .join('');
}

function first(columns: readonly Column[], index: number): string {
  return columns[index]?.group === columns[index - 1]?.group ? '' : ' class="first"';
}

function rowOf({ input, bytes, milliseconds, outcome }: Row, columns: readonly Column[]): string {
  const head = (facts: string) =>
    `<th scope="row"><b title="${escaped(input.name)}">${escaped(shortened(input.name))}</b><i>${escaped(input.note)}</i><span>${facts}</span></th>`;
  if ('code' in outcome)
    return `<tr class="refused">${head(size(bytes))}<td class="first" colspan="${columns.length + 1}"><p><code>${escaped(outcome.code)}</code> ${escaped(outcome.detail)}</p></td></tr>`;
  const { original, placeholder, variants } = outcome.decoded;
  const frames = original.frames > 1 ? ` · ${original.frames} frames` : '';
  const facts = `${original.width} × ${original.height}${frames}<br>${size(bytes)} · ${Math.round(milliseconds)} ms`;
  const cells = variants.map((variant, index) => `<td${first(columns, index)}>${picture(variant)}</td>`);
  return `<tr>${head(facts)}<td class="first">${hint(placeholder)}</td>${cells.join('')}</tr>`;
}

function picture({ contentType, bytes, width, height, format, frames }: RenderedVariant): string {
  const source = `data:${contentType};base64,${bytes.toString('base64')}`;
  const played = frames > 1 ? ` · ${frames} fr.` : '';
  return (
    `<figure><img src="${source}" width="${width}" height="${height}" alt="" loading="lazy">` +
    `<figcaption>${width} × ${height}${played}<br>${format} · ${size(bytes.length)}</figcaption></figure>`
  );
}

/** What a page shows while the image loads: the ThumbHash, and the dominant colour. */
function hint({ color, thumbhash }: RenderedImage['placeholder']): string {
  const drawn =
    thumbhash === undefined
      ? ''
      : `<img src="${thumbHashToDataURL(Buffer.from(thumbhash, 'base64'))}" alt="" class="hash">`;
  return `<figure>${drawn}<figcaption><i class="dot" style="background:${escaped(color)}"></i>${escaped(color)}<br>${thumbhash?.length ?? 0} characters</figcaption></figure>`;
}

/** Some names are hashes: their start and end are enough. */
function shortened(name: string): string {
  return name.length <= 30 ? name : `${name.slice(0, 16)}…${name.slice(-12)}`;
}

function size(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
