import type { BacklogSnapshot, TenantBacklog } from '../domain/backlog.ts';
import { type AdmissionLimits, type Decision, decideAdmission } from './admission.ts';

/**
 * Admission in one environment of the API, by the snapshot of the backlog (one a second at most) and what was admitted here
 * since.
 */
export interface AdmissionPolicy {
  /** True if decisions need a new snapshot. */
  stale(): boolean;
  learn(snapshot: BacklogSnapshot): void;
  /** Decides by the last snapshot; an admitted image takes a place. */
  decide(tenant: string): Decision;
  /** Gives the place back: no image was inserted. */
  withdraw(tenant: string): void;
  /** Unfinished images, by the last snapshot. */
  unfinished(): number | undefined;
}

const snapshotLivesMs = 1_000;

/** @param now milliseconds, as Date.now */
export function openAdmission(limits: AdmissionLimits, now: () => number): AdmissionPolicy {
  let snapshot: BacklogSnapshot | undefined;
  let learntAt = Number.NEGATIVE_INFINITY;
  let admitted: string[] = [];
  const count = (backlog: TenantBacklog | undefined) => (backlog?.images ?? 0) + (backlog?.tickets ?? 0);

  return {
    stale: () => now() - learntAt > snapshotLivesMs,
    learn(next) {
      snapshot = next;
      learntAt = now();
      admitted = [];
    },
    decide(tenant) {
      const unfinished = {
        all: count(snapshot?.total) + admitted.length,
        tenant: count(snapshot?.tenants.get(tenant)) + admitted.filter((one) => one === tenant).length,
      };
      const images = snapshot?.ended.reduce((sum, one) => sum + one.images, 0) ?? 0;
      const seconds = snapshot?.ended.reduce((sum, one) => sum + one.seconds, 0) ?? 0;
      const finishedInLastMinute = seconds === 0 ? 0 : (images * 60) / seconds;
      const decision = decideAdmission({ unfinished, finishedInLastMinute }, limits);
      if (decision.admitted) admitted.push(tenant);
      return decision;
    },
    withdraw(tenant) {
      const place = admitted.lastIndexOf(tenant);
      if (place >= 0) admitted.splice(place, 1);
    },
    unfinished: () => (snapshot === undefined ? undefined : count(snapshot.total)),
  };
}
