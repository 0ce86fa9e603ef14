import type { Ask, QuotaStore } from '../../lambda/domain/quota-store.ts';
import type { Resource } from '../../lambda/domain/resources.ts';
import { cpuTime } from '../../local/processes/cpu.ts';
import { round } from '../table.ts';

/** What clients lease: of one tenant or of as many as there are, a request or an image. */
export const loads = {
  'requests of one tenant': { tenants: 1, resources: ['requests'] },
  'requests of 1,000 tenants': { tenants: 1_000, resources: ['requests'] },
  'images of one tenant': { tenants: 1, resources: ['images', 'bytes', 'megapixels'] },
  'images of 1,000 tenants': { tenants: 1_000, resources: ['images', 'bytes', 'megapixels'] },
} as const satisfies Record<string, { tenants: number; resources: readonly Resource[] }>;
export type LoadName = keyof typeof loads;

/** One store under one load. */
export interface Seen {
  leasesPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Microseconds of a processor for a lease. */
  postgresUs: number;
  valkeyUs: number;
}

const bounds = { rate: { perSecond: 1e6, burst: 1e7 }, perDay: 1e9, perMonth: 1e10 };

/** Each client leases without a pause, as environments would that all need a slice at once. */
export async function measure(
  clients: readonly QuotaStore[],
  { tenants, resources }: (typeof loads)[LoadName],
  { ms, postgres, valkey }: { ms: number; postgres: number; valkey: number },
): Promise<Seen> {
  const asks = resources.map((resource): Ask => ({ resource, bounds, need: 1, queue: 1, want: 1 }));
  const times: number[] = [];
  let turn = 0;
  const cpu = (pid: number) => {
    const { own, descendants } = cpuTime(pid);
    return own + descendants;
  };
  const before = { postgres: cpu(postgres), valkey: cpu(valkey) };
  const began = performance.now();
  await Promise.all(
    clients.map(async (store) => {
      while (performance.now() - began < ms) {
        const at = performance.now();
        turn += 1;
        const answer = await store.lease({ tenant: `tenant-${turn % tenants}`, asks, rests: [] });
        if (answer?.leases[0]?.granted !== 1) throw new Error('not granted');
        times.push(performance.now() - at);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  times.sort((a, b) => a - b);
  const part = (share: number) => round(times[Math.floor(times.length * share)] ?? 0, 2);
  const each = (pid: number, from: number) => round(((cpu(pid) - from) / times.length) * 1e6, 0);
  return {
    leasesPerSecond: Math.round(times.length / seconds),
    p50Ms: part(0.5),
    p99Ms: part(0.99),
    postgresUs: each(postgres, before.postgres),
    valkeyUs: each(valkey, before.valkey),
  };
}
