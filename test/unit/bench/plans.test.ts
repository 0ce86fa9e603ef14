import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fill } from '../../../bench/database/fill.ts';
import { faultLines, type Measured, measurePlans } from '../../../bench/database/plans.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let client: pg.Client;
let plans: Measured[];
beforeAll(async () => {
  database = await createDatabase();
  client = new pg.Client({ ...database, database: database.name });
  await client.connect();
  await fill(client, { images: 200_000, tenants: 1_000, backlog: 20_000, variants: 1 }, () => {});
  plans = await measurePlans(client);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

describe('the plan of each statement, among 200,000 images', () => {
  it('neither scans a table, nor sorts, reads or looks up ten times as many rows as come of it', () => {
    expect(faultLines(plans)).toEqual([]);
  });

  it('was asked for everything: the statements of api, process and sweep, on each filter, first and deep', () => {
    expect(plans.length).toBeGreaterThan(70);
    expect(new Set(plans.map(({ by }) => by))).toEqual(new Set(['api', 'process', 'sweep']));
  });
});
