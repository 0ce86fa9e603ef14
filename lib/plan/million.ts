import type { ResolvedConfig } from '../config/schema.ts';
import { fixedCost } from './cost.ts';
import { type CostGroup, type CostItem, costGroups, part } from './cost-item.ts';
import { imageCost, keptCost } from './image-cost.ts';
import { hoursPerMonth, prices } from './prices.ts';
import { type Circumstances, perImage, usageOf } from './usage.ts';

/** A part of what a million images cost. */
export interface MillionItem {
  group: CostGroup;
  name: string;
  usd: number;
  how: string;
  /** A share of what is paid by the hour, whatever is made. */
  fixed: boolean;
}

export interface MillionCost {
  /** The sum. Storage counts for the first month, and downloads of variants do not. */
  usd: number;
  groups: { group: CostGroup; usd: number }[];
  items: MillionItem[];
  /** In addition, each time that all variants of all images are downloaded. */
  perDownload: number;
}

const images = 1e6;

/**
 * What a million images cost if they are made at this rate. What is paid by the hour counts for as long as that takes: at
 * twice the rate, half of it.
 * @param perSecond images that are made a second
 * @throws PriceUnknown
 */
export function costOfMillion(
  config: ResolvedConfig,
  perSecond: number,
  circumstances: Circumstances = {},
): MillionCost {
  const seconds = images / perSecond;
  const hours = seconds / 3600;
  const usage = usageOf(config, circumstances);
  const fixed = fixedCost(config).map(({ usd, how, ...item }) => ({
    ...item,
    usd: (usd * hours) / hoursPerMonth,
    how: `${Number(hours.toPrecision(3))} h of ${usd.toFixed(2)} a month (${how})`,
  }));
  const responses = (images * perImage.responseBytes) / 1e9;
  const all: CostItem[] = [
    ...fixed,
    ...imageCost(config, images, usage, seconds),
    ...keptCost(config, images, usage),
    part(
      'images',
      'transfer',
      'Responses of the API',
      responses * prices.transferOutGb,
      `${responses.toFixed(1)} GB out of the region`,
    ),
  ];
  const items = all
    .filter(({ usd }) => usd > 0)
    .map(({ group, name, usd, how, kind }) => ({ group, name, usd, how, fixed: kind === 'idle' }));
  const sum = (of: readonly MillionItem[]) => of.reduce((total, { usd }) => total + usd, 0);
  return {
    usd: sum(items),
    groups: costGroups.map((group) => ({ group, usd: sum(items.filter((item) => item.group === group)) })),
    items,
    perDownload: ((images * usage.variantBytes) / 1e9) * prices.transferOutGb,
  };
}
