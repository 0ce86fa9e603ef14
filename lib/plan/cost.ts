import type { ResolvedConfig } from '../config/schema.ts';
import type { CostItem } from './cost-item.ts';
import { databaseCost, networkCost } from './database-cost.ts';
import { idleCost } from './idle-cost.ts';
import { imageCost, keptCost } from './image-cost.ts';
import { minutesPerMonth } from './prices.ts';

/**
 * What a deployment of this configuration costs in a month, part by part, at a steady rate of images: list prices of
 * lib/plan/prices.ts for the usage of lib/plan/usage.ts. Traffic out of the region is not in it: nobody knows how often
 * a variant is looked at.
 * @param imagesPerMinute 0 for an idle one
 * @throws PriceUnknown for an instance type that is not in the list
 */
export function monthlyCost(config: ResolvedConfig, imagesPerMinute: number): CostItem[] {
  const images = imagesPerMinute * minutesPerMonth;
  return [
    ...(config.database.connection === undefined ? [...databaseCost(config), ...networkCost(config)] : []),
    ...idleCost(config),
    ...(images === 0 ? [] : [...imageCost(config, images), ...keptCost(config, images)]),
  ].filter(({ usd }) => usd > 0);
}

/** US dollars a month of some kinds of parts together. */
export function sumOf(parts: readonly CostItem[], ...kinds: CostItem['kind'][]): number {
  return parts.filter(({ kind }) => kinds.includes(kind)).reduce((sum, { usd }) => sum + usd, 0);
}
