import { longestRetryAfterSeconds } from '../../lambda/domain/retry-after.ts';
import type { CampaignPlan, OfferPlan } from '../../lib/plan/campaign-plan.ts';
import { costText } from './cost-text.ts';
import { leverText } from './lever-text.ts';
import type { Simulated } from './simulated.ts';
import { wrappedPlanTable } from './table.ts';
import { count, entry, share, time, wrapped } from './words.ts';

/** A campaign and the budget of its stage as text, at most 120 columns wide. */
export function campaignText(plan: OfferPlan, simulated?: Simulated): string {
  const { stage, campaign } = plan;
  return [
    heading(stage, campaign),
    ...drainText(campaign, simulated),
    ...keepUpText(campaign),
    ...connectionText(campaign, simulated),
    ...producerText(campaign, simulated),
    ...costText(campaign),
    ...leverText(campaign),
    ...assumptionText(campaign),
    '',
    wrappedPlanTable(plan),
  ].join('\n');
}

function heading(stage: string, { offer, course }: CampaignPlan): string {
  const { ratePerSecond, seconds, tenants } = offer;
  const of = tenants === 1 ? 'one tenant' : `${count(tenants)} tenants`;
  return `A campaign on the stage ${stage}: ${count(60 * ratePerSecond)} images a minute for ${time(seconds)}, ${count(course.images)} images of ${of}`;
}

function drainText(
  { course, keepUp: { imageSeconds }, offer }: CampaignPlan,
  simulated?: Simulated,
): string[] {
  const { pace, drainSeconds, drainAtBest, rampSeconds, keepsUp, images, held } = course;
  const workers = Math.round(pace.whole * imageSeconds);
  const whole = `${count(60 * pace.whole)} images a minute: ${workers} workers × 60 s / ${Number(imageSeconds.toFixed(2))} s an image (assumed)`;
  return [
    '',
    'Drain',
    entry('workers make', whole),
    ...(pace.inBrownOut > pace.whole
      ? [
          entry(
            'in a brown-out',
            `${count(60 * pace.inBrownOut)} a minute, of the cheapest format of each preset`,
          ),
        ]
      : []),
    ...(rampSeconds >= 5
      ? [
          entry(
            'workers start',
            `5 at once and 300 more a minute: all ${workers} work after ${time(rampSeconds)}`,
          ),
        ]
      : []),
    ...(keepsUp
      ? []
      : [
          entry(
            'waiting at once',
            `${count(held)} images at most; more are refused, so that none waits longer than admission.maxBacklogAge`,
          ),
        ]),
    entry(
      'last image ready after',
      keepsUp
        ? `${time(drainSeconds)}: workers keep up with ${count(60 * Math.min(offer.ratePerSecond, pace.gateway))} a minute`
        : `${time(drainSeconds)}: ${count(images)} images / ${count(60 * pace.whole)} a minute`,
    ),
    ...(drainAtBest < 0.95 * drainSeconds
      ? [
          entry(
            '  at best',
            `${time(drainAtBest)}, if a brown-out lasts; those that were told to wait before it return as told`,
          ),
        ]
      : []),
    ...(simulated === undefined
      ? []
      : [
          entry(
            '  simulated',
            `${time(simulated.drainSeconds)}; ${count(simulated.ready)} images ready, ${count(simulated.deadLettered)} in the dead-letter queue, ` +
              `${simulated.brownOutSeconds > 0 ? `${time(simulated.brownOutSeconds)} of it in a brown-out` : 'without a brown-out'}`,
          ),
        ]),
  ];
}

function keepUpText({ keepUp: { workers, allowances }, course }: CampaignPlan): string[] {
  return [
    '',
    `To keep up: ${count(workers)} workers (process.maxConcurrency)${course.keepsUp ? ', which there are' : ''}`,
    ...allowances.map(({ limit, allowed, reason }) => entry(`${limit}: ${allowed ? 'yes' : 'no'}`, reason)),
  ];
}

function connectionText({ connections }: CampaignPlan, simulated?: Simulated): string[] {
  const { pooled, roles, peak, inDeploy, available } = connections;
  const row = (name: string, values: (number | string)[], more = '') =>
    `  ${name.padEnd(26)}${values.map((value) => String(value).padStart(12)).join('')}${more}`;
  const seen = simulated === undefined || pooled ? '' : `   simulated peak ${simulated.peakConnections}`;
  return [
    '',
    pooled ? 'Transactions at once at the peak (connections of the proxy’s pool)' : 'Connections at the peak',
    row('', ['peak', 'in a deploy', 'budget']),
    ...roles.map(({ role, peak: most, inDeploy: deploying, budget }) => row(role, [most, deploying, budget])),
    row('sum', [peak, inDeploy, `of ${available}`], seen),
  ];
}

function producerText({ course, offer }: CampaignPlan, simulated?: Simulated): string[] {
  const { images, admittedAtOnce, allInSeconds, told, pace } = course;
  const refused = images - admittedAtOnce;
  const hour = longestRetryAfterSeconds;
  const overRate = offer.ratePerSecond > pace.gateway;
  return [
    '',
    'What producers are told',
    ...(overRate
      ? [
          entry(
            'gateway',
            `429 to ${share(1 - pace.gateway / offer.ratePerSecond)} of the requests, with a fixed Retry-After: ${count(offer.ratePerSecond)} a second are offered, and ` +
              `deploy.requestsPerSecond is ${pace.gateway}. All numbers below are of those that it lets through.`,
          ),
        ]
      : []),
    entry('admitted at once', `${count(admittedAtOnce)} images, ${share(admittedAtOnce / images)}`),
    ...(refused < 1
      ? []
      : [
          entry(
            'Retry-After of the others',
            `median ${time(told.p50)}, 95th percentile ${time(told.p95)}, longest ${time(told.max)}`,
          ),
        ]),
    ...(simulated === undefined || simulated.told.count === 0
      ? []
      : [
          entry(
            '  simulated',
            `median ${time(simulated.told.p50)}, 95th percentile ${time(simulated.told.p95)}, longest ${time(simulated.told.max)}; told against ` +
              `needed ${simulated.toldAgainstNeeded.toFixed(2)}; ${share(simulated.letInAtFirstReturn)} let in at their first return`,
          ),
        ]),
    entry('all images are in after', time(allInSeconds)),
    ...(told.beyondAnHour > 0
      ? [
          entry(
            'beyond an hour',
            `${count(told.beyondAnHour)} images wait for up to ${time(told.longestWait)}. They are told ${hour} s, the longest Retry-After, with a detail ` +
              `that their turn is later, and return each hour: each image is refused ${count(told.refusals)} times on average.`,
          ),
        ]
      : []),
  ];
}

function assumptionText({ assumptions }: CampaignPlan): string[] {
  return [
    '',
    'What this rests on (nothing was measured on AWS)',
    ...assumptions.map(({ basis, what }) => `  ${basis.padEnd(10)}  ${wrapped(what, 14)}`),
  ];
}
