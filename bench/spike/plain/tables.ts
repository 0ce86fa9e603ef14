import type pg from 'pg';

/** The login of the design's functions: one for all of them, as the connection string of a tutorial. */
export const login = { user: 'app', password: 'app' };

/**
 * The tables of a first version. `image` has a status; `variant` has a serial key and nothing that forbids a second row for the same
 * variant. The times `asked_at` and `ready_at` are for the benchmark.
 */
export async function createTables(admin: pg.Client): Promise<void> {
  await admin.query(`
    create role ${login.user} login password '${login.password}';
    create table preset (name text primary key, width integer not null);
    insert into preset values ('large', 1600), ('medium', 800), ('small', 320);
    create table image (
      id uuid primary key,
      tenant text not null,
      status text not null default 'queued',
      asked_at timestamptz not null,
      created_at timestamptz not null default clock_timestamp(),
      ready_at timestamptz
    );
    create index on image (created_at) where ready_at is null;
    create table variant (
      id bigserial primary key,
      image_id uuid not null references image,
      preset text not null,
      format text not null,
      key text not null
    );
    create index on variant (image_id);
    create table job_log (id bigserial primary key, image_id uuid not null, at timestamptz not null default now());
    grant all on all tables in schema public to ${login.user};
    grant all on all sequences in schema public to ${login.user};
  `);
}
