import { median } from '../../../simulator/quantiles.ts';
import type { Told, ToldSummary } from '../result.ts';
import { rounded, roundedQuantiles } from '../rounded.ts';
import type { Attempt, Order } from './orders.ts';
import type { Away } from './truth.ts';

/** Refusals with which a tenant's turn is told; the others are told a fixed time, or one that knows no line. */
export const turnCodes: ReadonlySet<string> = new Set(['backlog_share', 'overloaded']);

const isAdmission = ({ status }: Attempt) => status === 201 || status === 202;
const isRefusal = ({ status }: Attempt) => status === 429 || status === 503;
/** A request that no part of Sluice decided on is no attempt: its connection failed, or it met itself. */
const isDecision = (attempt: Attempt) => attempt.status !== 0 && attempt.status !== 409;

/**
 * The first refusal of each order. `needed` is until as many requests of the tenant had been admitted as had asked before
 * this one, undefined if that was not to be seen.
 * @param startedAt milliseconds since the epoch
 * @param away times in which the database or the storage was away
 */
export function toldOf(orders: readonly Order[], startedAt: number, away: readonly Away[] = []): Told[] {
  const told: Told[] = [];
  for (const own of Map.groupBy(orders, ({ tenant }) => tenant).values()) {
    const asked = own.toSorted((a, b) => a.firstAt - b.firstAt);
    const admissions = own.flatMap(({ admittedAt }) => admittedAt ?? []).sort((a, b) => a - b);
    for (const [place, order] of asked.entries()) {
      const decisions = order.attempts.filter(isDecision);
      const first = decisions[0];
      if (first === undefined || !isRefusal(first) || first.retryAfter === undefined) continue;
      const served = admissions[place];
      const second = decisions[1];
      told.push({
        tenant: order.tenant,
        at: rounded((first.at + first.ms - startedAt) / 1000),
        code: first.code ?? String(first.status),
        seconds: first.retryAfter,
        obedient: order.obedient,
        ...(served === undefined ? {} : { needed: rounded(Math.max(0, served - first.at) / 1000) }),
        ...(second === undefined ? {} : { letIn: isAdmission(second) }),
        acrossFault: second !== undefined && away.some(({ from, to }) => first.at < to && second.at > from),
      });
    }
  }
  return told.sort((a, b) => a.at - b.at);
}

export function summariseTold(told: readonly Told[], orders: readonly Order[]): ToldSummary {
  const obedient = told.filter((one) => one.obedient && turnCodes.has(one.code));
  const all = obedient.filter(({ letIn }) => letIn !== undefined);
  const letIn = (of: typeof all) => (of.length === 0 ? 1 : of.filter((one) => one.letIn).length / of.length);
  // Nobody knew of the fault: what was told before it and returned after it began is no promise.
  const returned = all.filter(({ acrossFault }) => !acrossFault);
  const ratios = obedient.flatMap(({ seconds, needed }) => (needed ? [seconds / needed] : []));
  const attempts = orders.flatMap((order) => order.attempts);
  const codes: Record<string, number> = {};
  for (const { code, status } of attempts.filter(isRefusal)) {
    const name = code ?? String(status);
    codes[name] = (codes[name] ?? 0) + 1;
  }
  const disobedient = orders.filter((order) => !order.obedient);
  return {
    refusals: obedient.length,
    returns: returned.length,
    letInAtFirstReturn: letIn(returned),
    returnsWithFaults: all.length,
    letInWithFaults: letIn(all),
    seconds: roundedQuantiles(obedient.map(({ seconds }) => seconds)),
    againstNeeded: ratios.length === 0 ? 0 : rounded(median(ratios)),
    compared: ratios.length,
    disobedient: {
      requests: disobedient.reduce((sum, order) => sum + order.attempts.length, 0),
      admitted: disobedient.filter(({ admittedAt }) => admittedAt !== undefined).length,
    },
    codes,
    withoutRetryAfter: attempts.filter((one) => isRefusal(one) && one.retryAfter === undefined).length,
  };
}

/** Times of all returns of obedient producers in milliseconds since the epoch. */
export function returnsOf(orders: readonly Order[]): number[] {
  return orders
    .filter(({ obedient }) => obedient)
    .flatMap(({ attempts }) =>
      attempts.filter((_, index) => isRefusal(attempts[index - 1] ?? { at: 0, ms: 0, status: 0 })),
    )
    .map(({ at }) => at);
}
