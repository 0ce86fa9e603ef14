import type pg from 'pg';

/**
 * The truth about the run comes from the database and not from what functions report: triggers, made by the run only,
 * record each change of an image's status with the time of the statement. Inserts into a table without an index but the
 * key's: no transaction waits for another.
 */
const triggers = `
  create table spike_audit (
    id bigint generated always as identity primary key,
    image_id uuid not null,
    tenant_id text not null,
    was text,
    status text not null,
    attempt int not null,
    completing boolean not null,
    at timestamptz not null default clock_timestamp()
  );
  create table spike_variant_again (image_id uuid not null, preset text not null, format text not null);
  create function spike_note_image() returns trigger language plpgsql security definer set search_path to 'public' as $$
  begin
    insert into spike_audit (image_id, tenant_id, was, status, attempt, completing)
    values (new.id, new.tenant_id, case tg_op when 'UPDATE' then old.status end, new.status, new.attempt,
      tg_op = 'UPDATE' and old.pending is distinct from new.pending and old.status = 'ready');
    return null;
  end $$;
  create function spike_note_variant() returns trigger language plpgsql security definer set search_path to 'public' as $$
  begin
    insert into spike_variant_again values (new.image_id, new.preset, new.format);
    return null;
  end $$;
  create trigger spike_inserted after insert on image for each row execute function spike_note_image();
  create trigger spike_updated after update on image for each row
    when (old.status is distinct from new.status or old.updated_at is distinct from new.updated_at)
    execute function spike_note_image();
  create trigger spike_variant after update on variant for each row when (old.key is distinct from new.key)
    execute function spike_note_variant();`;

export async function installAudit(client: pg.Client): Promise<void> {
  await client.query(triggers);
}

/** A change of an image's status. */
export interface Change {
  id: number;
  imageId: string;
  tenant: string;
  /** Null for a new image. */
  was: string | null;
  status: string;
  attempt: number;
  /** Of a ready image, what followed a brown-out. */
  completing: boolean;
  /** Milliseconds since the epoch. */
  at: number;
}

/** What counts as the end of an image. */
export const ends: ReadonlySet<string> = new Set(['ready', 'rejected', 'failed', 'superseded']);

const changes = {
  name: 'spike_changes',
  text: `select id::float8 as id, image_id as "imageId", tenant_id as tenant, was, status, attempt, completing,
      extract(epoch from at)::float8 * 1000 as at
    from spike_audit where id > $1 order by id`,
};

/** Changes of greater ids; those of open transactions follow later with smaller ones. */
export async function changesAfter(client: pg.Client, id: number): Promise<Change[]> {
  const { rows } = await client.query<Change>({ ...changes, values: [id] });
  return rows;
}

/** Variants that were written again with other bytes or under another key. */
export async function variantsAgain(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'select count(*)::int as count from spike_variant_again',
  );
  return rows[0]?.count ?? 0;
}
