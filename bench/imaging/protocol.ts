import type { Settings } from '../../lambda/domain/settings.ts';

/** What the two ways are called. */
export const ways = ['cascade', 'plain'] as const;
export type Way = (typeof ways)[number];

/** To a child: what to work on, first of all. */
export interface Setup {
  bytes: Uint8Array;
  settings: Settings;
  presetNames: string[];
  root: string;
}

/** From a child: one run. CPU (user + system, all threads) and wall clock in ms, peak resident size in MB. */
export interface Run {
  cpuMs: number;
  wallMs: number;
  peakRssMb: number;
  variants: { name: string; bytes: Uint8Array }[];
}
