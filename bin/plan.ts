import { parseArgs } from 'node:util';
import { budgetPlan } from '../lib/plan/budget-plan.ts';
import { planTable } from './plan/table.ts';
import { ArgumentMistake, readCdkArguments } from './stage/arguments.ts';
import { isConfigMistake, writtenConfig } from './stage/config.ts';

/*
 * npm run plan -- [-c stage=dev] [--json]: connections, concurrencies and times of a stage, each set or derived, with the
 * reason. Exits with 1 and all mistakes for an unsafe configuration, with 2 for a wrong option.
 */
try {
  const { values } = parseArgs({
    options: { context: { type: 'string', short: 'c' }, json: { type: 'boolean', default: false } },
  });
  const { stage } = readCdkArguments(process.argv.slice(2));
  if (values.context?.startsWith('stage=') === false)
    throw new TypeError('-c takes stage=<name>, such as -c stage=prod.');
  const plan = budgetPlan(await writtenConfig(), stage);
  console.log(values.json ? JSON.stringify(plan, null, 2) : planTable(plan));
} catch (error) {
  const wrongOption = error instanceof TypeError || error instanceof ArgumentMistake;
  if (!wrongOption && !isConfigMistake(error)) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = wrongOption ? 2 : 1;
}
