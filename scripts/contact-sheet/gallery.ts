import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Input } from './inputs.ts';

/** Number of files shown of each folder, spread evenly. */
const shown = { photos: 5, orientation: 2, odd: 24, hostile: 6 };

export function galleryInputs(gallery: string): Input[] {
  if (!existsSync(gallery)) return [];
  return Object.entries(shown).flatMap(([folder, count]) => {
    const names = readdirSync(join(gallery, folder)).sort();
    const step = Math.max(1, names.length / count);
    return Array.from(
      { length: Math.min(count, names.length) },
      (_, index) => names[Math.floor(index * step)] as string,
    ).map((name) => ({
      name: name.replace(/^(.*?--)?(.*)$/, '$2'),
      note: `${folder}${/--/.test(name) ? `, ${name.split('--')[0]}` : ''}`,
      bytes: async () => readFileSync(join(gallery, folder, name)),
    }));
  });
}
