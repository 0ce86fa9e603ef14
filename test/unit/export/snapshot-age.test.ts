import { afterAll, beforeAll, it } from 'vitest';
import { connect } from '../../../lambda/postgres/connection/connection.ts';
import { oldestSnapshotSeconds } from '../../../lambda/postgres/exports/oldest-snapshot.ts';
import { beginSnapshot, endSnapshot } from '../../../lambda/postgres/exports/snapshot.ts';
import { openTestDb, type TestDb } from '../postgres/rows.ts';
import { eventuallyEqual } from './test-export.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());

const age = () => db.as('sluice_sweep').run(oldestSnapshotSeconds);

it('the age of the oldest snapshot is that of a consistent export, whose session belongs to another role', async () => {
  await eventuallyEqual(age, 0);
  const exporting = await connect(db.options('sluice_export'));
  await beginSnapshot(exporting);
  await exporting.query('select from image');
  await eventuallyEqual(async () => (await age()) > 0.2, true);
  await endSnapshot(exporting);
  await eventuallyEqual(age, 0);
  await exporting.close();
});
