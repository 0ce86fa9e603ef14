import type { CampaignResult } from '../../simulator/campaign.ts';

/** The simulator’s answer, as `npm run plan -- --json` prints it. */
export type Simulated = CampaignResult;
