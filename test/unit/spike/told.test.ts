import { describe, expect, it } from 'vitest';
import type { Attempt, Order } from '../../../bench/spike/sluice/orders.ts';
import { returnsOf, summariseTold, toldOf } from '../../../bench/spike/sluice/told.ts';

const refused = (at: number, retryAfter: number, code = 'backlog_share'): Attempt => ({
  at,
  ms: 0,
  status: 429,
  code,
  retryAfter,
});
const admitted = (at: number): Attempt => ({ at, ms: 0, status: 201 });

function order(attempts: Attempt[], changes: Partial<Order> = {}): Order {
  const last = attempts.at(-1);
  return {
    tenant: 't0',
    way: 'ticket',
    picture: 'sound',
    obedient: true,
    firstAt: attempts[0]?.at ?? 0,
    attempts,
    ...(last?.status === 201 ? { admittedAt: last.at } : {}),
    ...changes,
  };
}

describe('what refused producers were told', () => {
  it('needed is until as many of the tenant were admitted as had asked before', () => {
    const orders = [
      order([admitted(1_000)]),
      order([refused(2_000, 4), admitted(6_000)]),
      order([refused(3_000, 4), admitted(7_000)]),
      order([refused(4_000, 9)]),
      order([admitted(2_500)], { tenant: 't1' }),
    ];
    expect(toldOf(orders, 0).map(({ seconds, needed, letIn }) => [seconds, needed, letIn])).toEqual([
      [4, 4, true],
      [4, 4, true],
      [9, undefined, undefined],
    ]);
    expect(summariseTold(toldOf(orders, 0), orders)).toMatchObject({
      refusals: 3,
      returns: 2,
      letInAtFirstReturn: 1,
      againstNeeded: 1,
      compared: 2,
    });
  });

  it('a connection that failed and a request that met itself are no returns', () => {
    const orders = [
      order([
        refused(0, 4),
        { at: 4_000, ms: 1, status: 0 },
        { at: 4_500, ms: 1, status: 409, code: 'request_in_progress', retryAfter: 1 },
        admitted(5_500),
      ]),
    ];
    expect(toldOf(orders, 0)).toMatchObject([{ letIn: true }]);
    expect(returnsOf(orders)).toEqual([4_000]);
  });

  it('who returned and got an error was not let in', () => {
    const orders = [order([refused(0, 4), { at: 4_000, ms: 1, status: 500, code: 'internal_error' }])];
    expect(toldOf(orders, 0)).toMatchObject([{ letIn: false }]);
  });

  it('who returned at once and was refused again counts as a first return, unless disobedient', () => {
    const again = [refused(0, 4), refused(4_000, 8), admitted(12_000)];
    const orders = [order(again), order(again, { obedient: false })];
    const summary = summariseTold(toldOf(orders, 0), orders);
    expect(summary.letInAtFirstReturn).toBe(0);
    expect(summary.returns).toBe(1);
    expect(summary.disobedient).toEqual({ requests: 3, admitted: 1 });
  });

  it('a refusal in an outage is no turn', () => {
    const orders = [order([refused(0, 10, 'database_unavailable'), refused(10_000, 5)])];
    const summary = summariseTold(toldOf(orders, 0), orders);
    expect(summary.refusals).toBe(0);
    expect(summary.codes).toEqual({ database_unavailable: 1, backlog_share: 1 });
  });
});
