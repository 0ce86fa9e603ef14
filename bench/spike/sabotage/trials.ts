import { type PhaseName, phaseNames, type Scenario } from '../sluice/scenario.ts';

/** Short scenarios, each of which concentrates on a few promises. */
export const trialNames = ['flood', 'outage', 'duplicates'] as const;
export type TrialName = (typeof trialNames)[number];

const lengths = (some: Partial<Record<PhaseName, number>>) =>
  Object.fromEntries(phaseNames.map((name) => [name, some[name] ?? 0])) as Record<PhaseName, number>;

const common: Partial<Scenario> = { objective: 40, warmUpSeconds: 10, drainSeconds: 25 };

export const trials: Record<TrialName, Partial<Scenario>> = {
  flood: { ...common, quietPerMinute: 120, seconds: lengths({ quiet: 12, shed: 45 }) },
  outage: { ...common, seconds: lengths({ quiet: 2, shed: 35, database: 8, 'database recovers': 25 }) },
  duplicates: { ...common, duplicates: 0.5, drainSeconds: 60, seconds: lengths({ quiet: 2, shed: 20 }) },
};
