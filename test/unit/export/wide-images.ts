import type { TestDb } from '../postgres/rows.ts';

/** Inserts images behind the others, with this many bytes of metadata each. */
export async function insertWide(db: TestDb, images: number, width: number): Promise<void> {
  await db.admin.query(
    `insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, metadata, ticket_expires_at)
     select uuidv7(), 'alpha', 'ready', 'image/jpeg', (select count(*) from image) + n, '{small}',
       jsonb_build_object('text', repeat('x', $2)), now() from generate_series(1, $1) n`,
    [images, width],
  );
}
