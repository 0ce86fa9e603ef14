import type pg from 'pg';
import type { Quantiles } from '../../../simulator/quantiles.ts';
import { lateAt, type Span } from '../late.ts';
import type { Phase } from '../result.ts';
import { rounded, roundedQuantiles } from '../rounded.ts';

/** What became of each image, from the database. Times are seconds since the start of the run. */
export interface PlainImage {
  id: string;
  tenant: string;
  status: string;
  askedAt: number;
  createdAt: number;
  readyAt?: number;
}

/** @param begunAt of the run, in milliseconds since the epoch */
export async function readImages(admin: pg.Client, begunAt: number): Promise<PlainImage[]> {
  const { rows } = await admin.query<Omit<PlainImage, 'readyAt'> & { readyAt: number | null }>(
    `select id, tenant, status,
       extract(epoch from asked_at)::float8 - $1::float8 as "askedAt",
       extract(epoch from created_at)::float8 - $1::float8 as "createdAt",
       extract(epoch from ready_at)::float8 - $1::float8 as "readyAt"
     from image order by created_at`,
    [begunAt / 1000],
  );
  return rows.map(({ readyAt, ...image }) => ({ ...image, ...(readyAt === null ? {} : { readyAt }) }));
}

/** Images of which one variant was stored twice. */
export async function countDoubled(admin: pg.Client): Promise<number> {
  const { rows } = await admin.query<{ count: number }>(
    `select count(distinct image_id)::int as count
     from (select image_id from variant group by image_id, preset, format having count(*) > 1) twice`,
  );
  return rows[0]?.count ?? 0;
}

export interface Fates {
  images: number;
  ready: number;
  /** Dead-lettered and not ready. */
  failed: number;
  /** Of those: no execution ever began them. */
  untriedDead: number;
  /** Neither ready nor in a queue. */
  lost: number;
  /** Ready later than the objective, not ready when it was due, or dead-lettered. */
  late: number;
}

/** How a run ended. */
export interface End {
  /** Ids of the images in the dead-letter queue. */
  dead: ReadonlySet<string>;
  /** Whether messages were left in the work queue, so that what is nowhere else may be there. */
  waiting: boolean;
  /** Seconds since the start. */
  at: number;
  /** When Postgres was away, which makes nothing late. */
  away: readonly Span[];
}

export function fates(
  images: readonly PlainImage[],
  { dead, waiting, at, away }: End,
  objective: number,
): Fates {
  const unready = images.filter(({ readyAt }) => readyAt === undefined);
  const failed = unready.filter(({ id }) => dead.has(id));
  return {
    images: images.length,
    ready: images.length - unready.length,
    failed: failed.length,
    untriedDead: failed.filter(({ status }) => status === 'queued').length,
    lost: waiting ? 0 : unready.length - failed.length,
    late: images.filter((image) => {
      const due = lateAt({ from: image.createdAt, to: image.readyAt }, objective, away);
      return due !== undefined && (image.readyAt !== undefined || due <= at || dead.has(image.id));
    }).length,
  };
}

/** The greatest age of an image at its end, or at the end of the run; `away` is left out of the second. */
export function greatestAges(
  images: readonly PlainImage[],
  end: number,
  away: { from: number; to: number } | undefined,
): { oldestSeconds: number; oldestWithoutFaults: number } {
  let [oldestSeconds, oldestWithoutFaults] = [0, 0];
  for (const { createdAt, readyAt = end } of images) {
    const [from, to] = [Math.max(createdAt, away?.from ?? 0), Math.min(readyAt, away?.to ?? 0)];
    oldestSeconds = Math.max(oldestSeconds, readyAt - createdAt);
    oldestWithoutFaults = Math.max(oldestWithoutFaults, readyAt - createdAt - Math.max(0, to - from));
  }
  return { oldestSeconds: rounded(oldestSeconds), oldestWithoutFaults: rounded(oldestWithoutFaults) };
}

/** When images became late, as far as they did. */
export function lateTimes(images: readonly PlainImage[], objective: number, away: readonly Span[]): number[] {
  return images.flatMap(
    ({ createdAt, readyAt }) => lateAt({ from: createdAt, to: readyAt }, objective, away) ?? [],
  );
}

/** Seconds from the first request to ready, by phase of the first request and tenant. */
export function latencies(
  images: readonly PlainImage[],
  phases: readonly Phase[],
): Record<string, Record<string, Quantiles>> {
  const byPhase: Record<string, Record<string, number[]>> = {};
  for (const { tenant, askedAt, readyAt } of images) {
    if (readyAt === undefined) continue;
    for (const { name, from, to } of phases) {
      if (askedAt < from || askedAt >= to) continue;
      byPhase[name] ??= {};
      byPhase[name][tenant] ??= [];
      byPhase[name][tenant].push(readyAt - askedAt);
    }
  }
  return Object.fromEntries(
    Object.entries(byPhase).map(([phase, tenants]) => [
      phase,
      Object.fromEntries(Object.entries(tenants).map(([tenant, all]) => [tenant, roundedQuantiles(all)])),
    ]),
  );
}
