import type { ResolvedConfig } from '../config/schema.ts';
import type { CostItem } from './cost-item.ts';
import { countersCost, databaseCost, networkCost } from './database-cost.ts';
import { idleCost } from './idle-cost.ts';
import { imageCost, keptCost } from './image-cost.ts';
import { minutesPerMonth } from './prices.ts';
import { usageOf } from './usage.ts';

/**
 * The monthly cost of a configuration by item, at a constant rate of images: the list prices of lib/plan/prices.ts for the
 * usage of lib/plan/usage.ts. Traffic out of the region is excluded, because it depends on how often variants are viewed.
 * @param imagesPerMinute 0 for an idle deployment
 * @throws PriceUnknown for an instance type without a price
 */
export function monthlyCost(config: ResolvedConfig, imagesPerMinute: number): CostItem[] {
  const images = imagesPerMinute * minutesPerMonth;
  return [
    ...fixedCost(config),
    ...(images === 0 ? [] : [...imageCost(config, images), ...keptCost(config, images, usageOf(config))]),
  ].filter(({ usd }) => usd > 0);
}

/** What a deployment costs a month whatever it makes. @throws PriceUnknown */
export function fixedCost(config: ResolvedConfig): CostItem[] {
  const own = config.database.connection === undefined;
  return [
    ...(own ? [...databaseCost(config), ...networkCost(config)] : []),
    ...countersCost(config),
    ...idleCost(config),
  ];
}

/** The sum in US dollars a month of items of these kinds. */
export function sumOf(parts: readonly CostItem[], ...kinds: CostItem['kind'][]): number {
  return parts.filter(({ kind }) => kinds.includes(kind)).reduce((sum, { usd }) => sum + usd, 0);
}
