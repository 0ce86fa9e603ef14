import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { columns } from './contact-sheet/columns.ts';
import { develop, type Row } from './contact-sheet/develop.ts';
import { galleryInputs } from './contact-sheet/gallery.ts';
import { inputs, refused } from './contact-sheet/inputs.ts';
import { page } from './contact-sheet/page.ts';

/*
 * `npm run contact-sheet [-- file.html]`: one HTML file with every recipe applied to every odd input, for viewing. Includes
 * images of ../shared/images where present.
 */
const file = resolve(process.argv[2] ?? 'contact-sheet.html');
const all = [...inputs, ...galleryInputs(resolve(import.meta.dirname, '../../shared/images')), ...refused];
const rows: Row[] = [];
for await (const row of develop(all, columns)) {
  rows.push(row);
  const { input, outcome, milliseconds } = row;
  const end = 'code' in outcome ? outcome.code : `${outcome.decoded.variants.length} variants`;
  const place = `${rows.length}`.padStart(`${all.length}`.length);
  console.log(`${place}/${all.length}  ${input.name.padEnd(28)} ${end}, ${Math.round(milliseconds)} ms`);
}
const html = page(rows, columns);
writeFileSync(file, html);
console.log(`\nWrote ${file} (${(html.length / 1e6).toFixed(1)} MB)`);
