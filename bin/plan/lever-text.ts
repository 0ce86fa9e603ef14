import type { Effect } from '../../lib/plan/campaign-levers.ts';
import type { CampaignPlan } from '../../lib/plan/campaign-plan.ts';
import { count, dollars, time, wrapped } from './words.ts';

const nameWidth = 52;

/** What each lever would buy on its own. */
export function leverText({ levers, course }: CampaignPlan): string[] {
  const [first] = levers;
  if (first === undefined) return [];
  const { usdPerMillion } = first.before;
  const row = (name: string, { imagesPerMinute, drainSeconds, usdPerMillion: usd }: Effect, versus = '') =>
    `  ${name.padEnd(nameWidth)}${count(imagesPerMinute).padStart(10)}  ${time(drainSeconds).padStart(13)}  ${dollars(usd).padStart(10)}  ${versus}`.trimEnd();
  const [name, perMinute, drain, usd] = ['each on its own', 'images/min', 'drain', '$/million'];
  return [
    '',
    'What the next lever would buy',
    `  ${name.padEnd(nameWidth)}${perMinute.padStart(10)}  ${drain.padStart(13)}  ${usd.padStart(10)}`,
    row('now', first.before),
    ...levers.flatMap(({ change, after, note }) => [
      row(change, after, factor(after, first.before, usdPerMillion, course.keepsUp)),
      `    ${wrapped(note, 4)}`,
    ]),
  ];
}

function factor(after: Effect, before: Effect, usd: number, keepsUp: boolean): string {
  const faster = after.imagesPerMinute / before.imagesPerMinute;
  const cheaper = 100 * (after.usdPerMillion / usd - 1);
  const parts = [
    ...(keepsUp || Math.abs(faster - 1) < 0.005 ? [] : [`× ${Number(faster.toPrecision(2))}`]),
    ...(Math.abs(cheaper) < 0.5 ? [] : [`${cheaper > 0 ? '+' : '−'}${Math.abs(cheaper).toFixed(0)} %`]),
  ];
  return parts.join(', ');
}
