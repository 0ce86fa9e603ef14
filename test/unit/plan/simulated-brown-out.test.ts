import { describe, expect, it } from 'vitest';
import { brownOutParts } from '../../../bin/plan/simulated.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import { workOf } from '../../../lib/plan/image-seconds.ts';
import { simulateCampaign } from '../../../simulator/campaign.ts';
import { scenarioOf } from '../../../simulator/config-scenario.ts';
import { config as shipped } from '../../../sluice.config.ts';
import { patience } from '../../support/pace.ts';
import { withPlainFormats } from '../../support/plain-formats.ts';

describe('a brown-out in the simulator of a plan', () => {
  it.each([
    // 128 and 310.29 of 310.29 ms: the JPEG is made again, and the decode too.
    ['AVIF and JPEG', shipped.presets, 0.4125, 1],
    // 128 and 383.82 of 409.98 ms.
    ['WebP and JPEG', withPlainFormats(shipped.presets), 0.3122, 0.9362],
    ['JPEG alone', { one: { width: 320, formats: ['jpeg' as const] } }, 1, 0],
  ])('takes the parts of %s', (_, presets, cheapest, later) => {
    const parts = brownOutParts(workOf(resolveConfig({ presets, watermarks: shipped.watermarks ?? {} })));
    expect(parts).toEqual({ cheapest: expect.closeTo(cheapest, 3), later: expect.closeTo(later, 3) });
  });

  it('works longer where more is left for later', { timeout: patience(60_000) }, () => {
    const config = resolveConfig({ ...shipped, admission: { maxBacklogAge: 120 } });
    const executionSeconds = (later: number) => {
      const worker = { ...scenarioOf(config).worker, later };
      const offer = { ratePerSecond: 40, seconds: 60, tenants: 5 };
      const { timeline, brownOutSeconds } = simulateCampaign(config, offer, undefined, { worker });
      expect(brownOutSeconds).toBeGreaterThan(0);
      const step = (timeline[1]?.at ?? 0) - (timeline[0]?.at ?? 0);
      return timeline.reduce((sum, { executions }) => sum + executions * step, 0);
    };
    expect(executionSeconds(1) / executionSeconds(0.1)).toBeGreaterThan(1.2);
  });
});
