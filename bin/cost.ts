import { parseArgs } from 'node:util';
import { monthlyCost } from '../lib/plan/cost.ts';
import { PriceUnknown } from '../lib/plan/database-cost.ts';
import { costTable } from './cost/table.ts';
import { rateOf } from './plan/amounts.ts';
import { readCdkArguments } from './stage/arguments.ts';
import { configOf, isConfigMistake } from './stage/config.ts';

/*
 * npm run cost -- [-c stage=dev] [--images 50/min] [--json]: the monthly cost of a stage, idle and at a rate, by item.
 * Exits with 1 if a price is missing for the configuration, with 2 for a wrong option or configuration.
 */
try {
  const { values } = parseArgs({
    options: {
      context: { type: 'string', short: 'c' },
      images: { type: 'string', default: '50/min' },
      json: { type: 'boolean', default: false },
    },
  });
  const { stage } = readCdkArguments(process.argv.slice(2));
  const rate = rateOf(values.images);
  if (values.context?.startsWith('stage=') === false)
    throw new TypeError('-c takes stage=<name>, such as -c stage=prod.');
  if (rate === undefined)
    throw new TypeError('--images takes images in a time, such as --images 50/min, 5/s or 3M/day.');
  // Without the last digits, which are an error of the division.
  const imagesPerMinute = Number((60 * rate).toFixed(6));
  const parts = monthlyCost(await configOf(stage), imagesPerMinute);
  console.log(
    values.json
      ? JSON.stringify({ stage, imagesPerMinute, parts }, null, 2)
      : costTable(stage, imagesPerMinute, parts),
  );
} catch (error) {
  const unknown = error instanceof PriceUnknown;
  if (!unknown && !isConfigMistake(error) && !(error instanceof TypeError)) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = unknown ? 1 : 2;
}
