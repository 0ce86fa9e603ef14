import { afterAll, beforeAll, beforeEach } from 'vitest';
import { openTestDb, type TestDb } from '../postgres/rows.ts';
import { insertKey } from './test-export.ts';

/** A database for the tests of a file, without images before each. */
export function useWideImages(): () => TestDb {
  let db: TestDb;
  beforeAll(async () => {
    db = await openTestDb();
    await insertKey(db, 'alpha');
    // Without the triggers of each row.
    await db.admin.query('set session_replication_role = replica');
  });
  afterAll(() => db.close());
  beforeEach(() => db.admin.query('truncate image cascade'));
  return () => db;
}

/** Inserts images behind the others, with this many bytes of metadata each. */
export async function insertWide(db: TestDb, images: number, width: number): Promise<void> {
  await db.admin.query(
    `insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, metadata, ticket_expires_at)
     select uuidv7(), 'alpha', 'ready', 'image/jpeg', (select count(*) from image) + n, '{small}',
       jsonb_build_object('text', repeat('x', $2)), now() from generate_series(1, $1) n`,
    [images, width],
  );
}
