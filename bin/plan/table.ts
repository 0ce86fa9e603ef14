import type { BudgetPlan } from '../../lib/plan/budget-plan.ts';

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
