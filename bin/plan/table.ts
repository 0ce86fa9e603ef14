import type { BudgetPlan } from '../../lib/plan/budget-plan.ts';
import { wrapped } from './words.ts';

/** A plan as text. */
export function planTable({ stage, rows, levers }: BudgetPlan): string {
  const widths = [
    Math.max(...rows.map(({ name }) => name.length)),
    Math.max(...rows.map(({ value }) => value.length)),
  ] as const;
  return [
    `Stage ${stage}`,
    ...rows.map(
      ({ name, value, how, reason }) =>
        `  ${name.padEnd(widths[0])}  ${value.padStart(widths[1])}  ${how.padEnd(7)}  ${reason}`,
    ),
    '',
    ...(levers.length === 0
      ? ['No more workers fit.']
      : [
          'More workers that the budget allows (images a minute at an assumed second each)',
          ...levers.map(({ change, imagesPerMinute }) => `  ${change}: ${imagesPerMinute} a minute`),
        ]),
  ].join('\n');
}

/** The rows of a plan, at most 120 columns wide, beside a campaign that has levers of its own. */
export function wrappedPlanTable({ stage, rows }: BudgetPlan): string {
  const name = Math.max(...rows.map((row) => row.name.length));
  const value = Math.max(...rows.map((row) => row.value.length));
  const indent = 2 + name + 2 + value + 2 + 7 + 2;
  return [
    `The budget of the stage ${stage}`,
    ...rows.map(
      (row) =>
        `  ${row.name.padEnd(name)}  ${row.value.padStart(value)}  ${row.how.padEnd(7)}  ${wrapped(row.reason, indent)}`,
    ),
  ].join('\n');
}
