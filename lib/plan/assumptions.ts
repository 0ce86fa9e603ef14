import type { ResolvedConfig } from '../config/schema.ts';
import { imageSecondsOnLambda } from '../rules/measured.ts';
import type { Course, Offer } from './campaign.ts';
import { eventUsage } from './event-cost.ts';
import { imageSeconds, workOf } from './image-seconds.ts';
import { prices } from './prices.ts';

/** Something that the numbers rest on. */
export interface Assumption {
  /** `measured` here and recorded in bench, `documented` by AWS, or `assumed`: nothing was run on AWS. */
  basis: 'measured' | 'documented' | 'assumed';
  what: string;
}

export function assumptionsOf(config: ResolvedConfig, { tenants }: Offer, { keepsUp }: Course): Assumption[] {
  const seconds = Number(imageSeconds(workOf(config)).toFixed(2));
  const assumed = (what: string): Assumption => ({ basis: 'assumed', what });
  const measured = (what: string): Assumption => ({ basis: 'measured', what });
  const documented = (what: string): Assumption => ({ basis: 'documented', what });
  return [
    assumed(
      `a photograph of 12 megapixels takes ${imageSecondsOnLambda} s on Lambda at 1769 MB as WebP and JPEG of 1600, 800 and 320 pixels; these presets and ` +
        `this memory take ${seconds} s, by their CPU`,
    ),
    measured(
      'CPU of each variant and its bytes (bench/imaging: 0.32 s here for the six of the default presets)',
    ),
    documented('Lambda gives CPU in proportion to memory, 1769 MB for a vCPU; the decoder uses one thread'),
    assumed(
      'waits for S3 and Postgres are hidden behind the decoder, which has other images in flight; the first and the last of a ' +
        'batch are not, which the simulator counts (0.04 s an image in batches of 4)',
    ),
    assumed(
      `all images are such photographs of 3 MB, offered at a constant rate by ${tenants === 1 ? 'one tenant' : `${tenants} tenants alike`}`,
    ),
    ...(keepsUp ? [] : [assumed('all producers return when they are told, and none gives up')]),
    assumed('three requests an image: a ticket or body, and two of its status'),
    assumed(
      `two events an image, to two consumers and one webhook that wants image.ready; times of relay, consumers and webhooks, ` +
        `${eventUsage.relaySeconds}, ${eventUsage.consumerSeconds} and ${eventUsage.dispatchSeconds + eventUsage.deliverSeconds} s`,
    ),
    measured('CPU of a ticket: 3 ms, and 0.17 of a single one in a request for a hundred (bench/api)'),
    documented(
      `list prices of ${prices.region} on ${prices.asOf}, without free tiers and savings plans; storage of one month, and no ` +
        'downloads of variants',
    ),
  ];
}
