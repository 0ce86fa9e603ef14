import type pg from 'pg';

/** Size of the database. The first tenant has half of the images; the others share the rest. */
export interface Size {
  images: number;
  tenants: number;
  /** Number of the newest images, which are not finished. */
  backlog: number;
  /** Variants of a ready image, 1 to 6. */
  variants: number;
}

export const largestTenant = 'tenant-1';
/** A tenant with images like the others, and one without. */
export const smallTenant = 'tenant-7';
export const emptyTenant = 'tenant-none';

const digest = "repeat('0123456789abcdef', 4)";

/**
 * Distributes the rows: a hash of its number decides a row's tenant and status, so that neither correlates with its age.
 * The backlog is from the last half hour, everything else from the year before.
 */
const series = `
  select n, age, now() - age as created, a, b,
    case when a % 2 = 0 then '${largestTenant}' else 'tenant-' || 2 + (a / 2) % ($2::int - 1) end as tenant,
    case
      when n > $1::int - $3::int then case
        when b % 50 = 0 then 'processing' when b % 50 < 30 then 'queued' else 'awaiting_upload' end
      when b % 1000 < 20 then 'rejected' when b % 1000 < 25 then 'failed' when b % 1000 < 30 then 'expired'
      when b % 1000 < 35 then 'superseded'
      else 'ready' end as status
  from (
    select n, (hashint8extended(n, 1) & 2147483647)::int as a, (hashint8extended(n, 2) & 2147483647)::int as b,
      case when n > $1::int - $3::int
        then make_interval(secs => 1800 * ($1::int - n)::float8 / $3::int)
        else make_interval(secs => 1800 + 31536000 * ($1::int - n)::float8 / $1::int) end as age
    from generate_series(1, $1::int) n) numbered`;

const images = `
  insert into image (id, tenant_id, status, declared_type, declared_bytes, declared_sha256, content_type, bytes, width,
    height, presets, metadata, attempt, lease_expires_at, ticket_expires_at, enqueued_at, error_code, error_detail,
    created_at, updated_at, deleted_at, placeholder, original_version, replaces, superseded_by, cleared_at, pending)
  select uuidv7(-age), tenant, status, 'image/jpeg', 2481077, ${digest}, 'image/jpeg', 2481077, 4000, 3000,
    '{large,medium,small}', '{"album": "4711"}', (status <> 'awaiting_upload')::int,
    case status when 'processing' then now() + make_interval(secs => a % 200 - 100) end,
    created + interval '15 minutes',
    case when status = 'processing' and b % 4 = 0 then now() - interval '1 second'
      when status <> 'awaiting_upload' then created + interval '1 second' end,
    case when status in ('rejected', 'failed') then 'corrupt_image' end,
    case when status in ('rejected', 'failed') then 'The image is damaged.' end,
    created, created + interval '5 seconds',
    -- Some are deleted, in the backlog too.
    case when b % 97 = 0 then created + interval '1 minute' end,
    case status when 'ready' then '{"color": "#336699", "thumbhash": "3OcRJYB4d3h/iIeHeEh3eIhw+j2w"}'::jsonb end,
    case when status <> 'awaiting_upload' then 'N4ApyEmGbQxzcZlHDMvbZ7bjCeNYVlXG' end,
    -- A fifth stand for one of 200 names of their tenant.
    case when a % 5 = 0 then 'avatar/' || n % 200 end,
    case status when 'superseded' then gen_random_uuid() end,
    case when status = 'superseded' and b % 3 = 0 then created + interval '1 hour' end,
    case when status = 'ready' and b % 50 = 0 then '[{"preset": "small", "format": "webp"}]'::jsonb end
  from (${series}) placed`;

const variants = `
  insert into variant (image_id, preset, format, content_type, width, height, bytes, sha256, key)
  select image.id, preset, format, 'image/' || format, wide, wide * 3 / 4, wide * 90, ${digest},
    'derived/' || tenant_id || '/' || image.id || '/' || preset || '.5f0c2a91.abcdefabcdef.' || format
  from image, (select * from (values ('large', 'webp', 1600), ('large', 'jpeg', 1600), ('medium', 'webp', 800),
    ('medium', 'jpeg', 800), ('small', 'webp', 320), ('small', 'jpeg', 320)) v (preset, format, wide) limit $1) made
  where status = 'ready'`;

const keys = `
  insert into idempotency_key (tenant_id, key, request_sha256, image_id, status, locked_until, expires_at)
  select tenant_id, 'order-' || id, decode(${digest}, 'hex'), id, 201, created_at,
    now() + make_interval(secs => 172800 * random() - 86400)
  from image where get_byte(uuid_send(id), 15) < 26`;

const extras = `
  insert into extra_upload (image_id, version_id) select id, 'v2' from image
  where status = 'ready' and get_byte(uuid_send(id), 15) < 64`;

const replaced = `
  insert into replaced_object (image_id, key, replaced_at) select id, 'derived/one', created_at from image
  where status = 'ready' and get_byte(uuid_send(id), 15) < 16`;

/**
 * Fills a migrated, empty database. Indexes and constraints are dropped and recreated: row by row they would cost ten
 * times as much. One transaction, which with `wal_level` minimal writes no log.
 */
export async function fill(client: pg.Client, size: Size, say: (line: string) => void): Promise<void> {
  const started = performance.now();
  const step = async (what: string, sql: string, values: unknown[] = []) => {
    const { rowCount } = await client.query(sql, values);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    say(`${seconds} s: ${what}${rowCount ? `, ${rowCount} rows` : ''}`);
  };
  await client.query("set maintenance_work_mem = '1GB'; set work_mem = '256MB'");
  await client.query('begin');
  // No triggers: millions of rows in one statement would be kept in memory for them. `reconcile_backlog` counts later.
  await client.query('set local session_replication_role = replica');
  const again = await takeOff(client);
  await client.query(
    'truncate tenant, api_key, image, image_event, variant, idempotency_key, extra_upload, quota_use, replaced_object',
  );
  await client.query(
    `insert into tenant (id) select 'tenant-' || n from generate_series(1, $1::int) n union select '${emptyTenant}'`,
    [size.tenants],
  );
  await client.query(
    "insert into api_key (sha256, tenant_id) select sha256(convert_to(id, 'UTF8')), id from tenant",
  );
  await step('images', images, [size.images, size.tenants, size.backlog]);
  await step('variants', variants, [size.variants]);
  await step('idempotency keys', keys);
  await step('extra uploads', extras);
  await step('replaced objects', replaced);
  for (const statement of again) await step(statement.replace(/\s+/g, ' ').slice(0, 90), statement);
  await client.query('commit');
  await step('vacuum', 'vacuum (analyze)');
}

/** Drops indexes and constraints. @returns the statements that recreate them */
async function takeOff(client: pg.Client): Promise<string[]> {
  const { rows: constraints } = await client.query<{
    relation: string;
    name: string;
    type: string;
    definition: string;
  }>(
    `select conrelid::regclass::text as relation, quote_ident(conname) as name, contype as type,
       pg_get_constraintdef(oid) as definition
     from pg_constraint where connamespace = 'public'::regnamespace and contype in ('p', 'f', 'c')
       and conrelid is distinct from to_regclass('schema_migration')
     order by array_position('{f,c,p}'::"char"[], contype)`,
  );
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index i
     join pg_class c on c.oid = i.indexrelid
     where c.relnamespace = 'public'::regnamespace
       and not exists (select from pg_constraint where conindid = i.indexrelid)`,
  );
  for (const { name } of indexes) await client.query(`drop index ${name}`);
  for (const { relation, name } of constraints)
    await client.query(`alter table ${relation} drop constraint ${name}`);
  return [
    ...constraints.reverse().map(({ relation, name, type, definition }) => {
      // Existing rows need no check: they were generated by the rules above.
      const unchecked = type === 'p' || definition.endsWith('NOT VALID') ? '' : ' not valid';
      return `alter table ${relation} add constraint ${name} ${definition}${unchecked}`;
    }),
    ...indexes.map(({ definition }) => definition),
  ];
}
