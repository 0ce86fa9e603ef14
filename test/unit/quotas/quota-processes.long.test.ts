import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../../lambda/domain/plan.ts';
import { patience } from '../../support/pace.ts';
import { settings } from '../api/settings.ts';
import { openTestDb, type TestDb } from '../postgres/rows.ts';
import type { Order } from './requester.ts';

/* The promise of quotas: never above the bound, and at least 95 % of it used, by 20 processes with 50 requests at once. */

const processes = 20;

let db: TestDb;
let children: ChildProcess[] = [];
beforeAll(async () => {
  db = await openTestDb();
  children = Array.from({ length: processes }, () => fork(join(import.meta.dirname, 'requester.ts')));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await db.close();
});

/** Sends a message to all processes. @returns their answers */
function ask<Answer>(message: Order | 'go'): Promise<Answer[]> {
  return Promise.all(
    children.map(async (child) => {
      const waiting = new AbortController();
      const { signal } = waiting;
      const ended = once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`a process ended with ${code}`);
      });
      const answer = once(child, 'message', { signal });
      child.send(message);
      const [received] = (await Promise.race([answer, ended])) as [Answer];
      waiting.abort();
      return received;
    }),
  );
}

/** @returns what all processes took, and the database's count of it. */
async function flood(tenant: string, order: Pick<Order, 'plan' | 'requests' | 'waves'>) {
  await db.admin.query('insert into tenant (id) values ($1)', [tenant]);
  const { environment } = db.options('sluice_api');
  const { limits } = settings;
  await ask({
    ...order,
    environment,
    password: db.address.rolesPassword,
    tenant,
    limits,
    waitMs: patience(30_000),
  });
  const taken = (await ask<number>('go')).reduce((sum, one) => sum + one, 0);
  const { rows } = await db.admin.query<{ counted: number }>(
    `select of_day as counted from quota_use where tenant_id = $1 and resource = 'images'`,
    [tenant],
  );
  return { taken, counted: rows[0]?.counted ?? 0 };
}
const perDay = (bound: number): Plan => ({ weight: 1, quotas: { images: { perDay: bound } } });

describe('20 processes with one quota', () => {
  it.each([
    ['half of what is asked for at once', 500, 1],
    ['just what is asked for at once', 1_000, 1],
    ['half of what is asked for in ten waves', 5_000, 10],
    ['a small part of it', 40, 1],
  ])(
    'a quota of %s is never exceeded, and at least 95 % of it used',
    async (_, bound, waves) => {
      const { taken, counted } = await flood(`bound-${bound}`, { plan: perDay(bound), requests: 50, waves });
      expect(taken).toBeLessThanOrEqual(bound);
      expect(counted).toBeLessThanOrEqual(bound);
      expect(taken).toBeGreaterThanOrEqual(0.95 * bound);
      expect(counted).toBeGreaterThanOrEqual(taken);
    },
    patience(60_000),
  );

  it(
    'a bucket is never exceeded either',
    async () => {
      const plan: Plan = { weight: 1, quotas: { images: { perMinute: 1, burst: 500 } } };
      const { taken } = await flood('bucket', { plan, requests: 50, waves: 1 });
      expect(taken).toBeGreaterThanOrEqual(475);
      // A unit a minute flows in meanwhile.
      expect(taken).toBeLessThanOrEqual(502);
    },
    patience(60_000),
  );
});
