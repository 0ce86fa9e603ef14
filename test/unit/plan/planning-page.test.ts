import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { offerPlan } from '../../../lib/plan/campaign-plan.ts';
import { config } from '../../../sluice.config.ts';

/** Paths of a plan: lists and their elements are one field. */
function pathsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([name, inner]) =>
    pathsOf(inner, path === '' ? name : `${path}.${name}`),
  );
}

it('docs/planning.md describes every field of a campaign’s JSON, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/planning.md'), 'utf8');
  const table = page.slice(page.indexOf('| field of `campaign` |')).split('\n').slice(2);
  const described = table.flatMap((line) =>
    [...(line.split('|')[1] ?? '').matchAll(/`([\w.]+)`/g)].map(([, field]) => field),
  );
  const { campaign } = offerPlan(config, 'prod', { ratePerSecond: 800, seconds: 60, tenants: 2 });
  expect(described.sort()).toEqual([...pathsOf(campaign), 'simulated'].sort());
});
