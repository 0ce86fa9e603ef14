import { describe, expect, it } from 'vitest';
import { simulated } from '../../../bin/plan/simulated.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { courseOf } from '../../../lib/plan/campaign.ts';
import { peakConnections } from '../../../lib/plan/peak-connections.ts';
import { config as written } from '../../../sluice.config.ts';
import { patience } from '../../support/pace.ts';
import { withPlainFormats } from '../../support/plain-formats.ts';

/* The arithmetic of a plan beside the simulator, which runs the policies of the functions: two ways to the same numbers. */
const calm: Partial<SluiceConfig> = { brownOut: { enabled: false }, admission: { maxBacklogAge: 60 } };
/** With their connections: 40 + 40 of the API + 15 of the other functions + 13 kept free. */
const forty = { process: { maxConcurrency: 40 }, database: { maxConnections: 108 } };
/** In formats of which a photograph takes the assumed second, and half of it with the fast profile. */
const shipped: SluiceConfig = { ...written, presets: withPlainFormats(written.presets) };
const fast = Object.fromEntries(
  Object.entries(shipped.presets).map(([name, preset]) => [name, { ...preset, profile: 'fast' as const }]),
);

describe('the arithmetic of a campaign and the simulator', { timeout: patience(60_000) }, () => {
  it.each<[string, Partial<SluiceConfig>, number, number]>([
    ['more than is made, and refused', calm, 20, 60],
    ['the fast profile', { ...calm, presets: fast }, 24, 60],
    ['forty workers, which are started meanwhile', { ...calm, ...forty }, 60, 60],
  ])('agree on the drain within a tenth: %s', (_name, changes, ratePerSecond, seconds) => {
    const config = resolveConfig({ ...shipped, ...changes });
    const offer = { ratePerSecond, seconds, tenants: 5 };
    const course = courseOf(config, offer);
    const result = simulated(config, offer, { seconds: Number.POSITIVE_INFINITY, progress: () => {} });
    const images = result?.offered ?? 0;
    expect([result?.ready, result?.deadLettered]).toEqual([images, 0]);
    // Arrivals are random: the arithmetic of as many as came.
    const { drainSeconds } = courseOf(config, { ...offer, ratePerSecond: images / seconds });
    expect((result?.drainSeconds ?? 0) / drainSeconds).toBeGreaterThan(0.9);
    expect((result?.drainSeconds ?? 0) / drainSeconds).toBeLessThan(1.1);
    const connections = peakConnections(config, course, offer);
    expect(result?.peakConnections).toBeLessThanOrEqual(connections.peak);
  });
});
