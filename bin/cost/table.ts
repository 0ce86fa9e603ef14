import { sumOf } from '../../lib/plan/cost.ts';
import type { CostItem } from '../../lib/plan/cost-item.ts';
import { prices } from '../../lib/plan/prices.ts';

const titles: Record<CostItem['kind'], string> = {
  idle: 'Idle',
  images: 'For the images',
  kept: 'Added by each month, for as long as its images are kept',
};

/** The items of a bill as text, with a sum for each kind and one for the month. */
export function costTable(stage: string, imagesPerMinute: number, parts: readonly CostItem[]): string {
  const lines = [
    `Stage ${stage} in ${prices.region}, US dollars a month, list prices as of ${prices.asOf}, without free tiers`,
  ];
  for (const kind of ['idle', 'images', 'kept'] as const) {
    const own = parts.filter((part) => part.kind === kind);
    if (own.length === 0) continue;
    lines.push('', titles[kind], ...own.map(({ name, usd, how }) => row(name, usd, how)));
    lines.push(row('sum', sumOf(own, kind)));
  }
  if (imagesPerMinute > 0)
    lines.push(
      '',
      row(
        `The month at ${imagesPerMinute} images a minute`,
        sumOf(parts, 'idle', 'images'),
        'without kept images, and without traffic out of the region',
      ),
    );
  return lines.join('\n');
}

function row(name: string, usd: number, how = ''): string {
  return `  ${name.padEnd(38)} ${usd.toFixed(2).padStart(9)}  ${how}`.trimEnd();
}
