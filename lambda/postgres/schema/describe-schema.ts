import type { Connection } from '../connection/connection.ts';

const tablesStatement = `
  select c.relname as name,
    (select json_agg(format('%I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then ' not null' else '' end,
        case when d.adbin is null then '' else ' default ' || pg_get_expr(d.adbin, d.adrelid) end)
        order by a.attnum)
      from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
    (select coalesce(json_agg(format('constraint %I %s', o.conname, pg_get_constraintdef(o.oid))
        order by o.contype <> 'p', o.conname), '[]')
      from pg_constraint o where o.conrelid = c.oid and o.contype <> 'n') as constraints,
    (select coalesce(json_agg(pg_get_indexdef(i.indexrelid) order by i.indexrelid::regclass::text), '[]')
      from pg_index i
      where i.indrelid = c.oid
        and not exists (select from pg_constraint o where o.conindid = i.indexrelid and o.conrelid = c.oid)) as indexes,
    (select coalesce(json_agg(line order by line), '[]') from (
      select format('grant %s on %I to %I', string_agg(lower(acl.privilege_type), ', ' order by acl.privilege_type),
        c.relname, r.rolname) as line
      from aclexplode(c.relacl) acl join pg_roles r on r.oid = acl.grantee
      where acl.grantee <> c.relowner
      group by r.rolname
      union all
      select format('grant %s (%s) on %I to %I', lower(acl.privilege_type),
        string_agg(quote_ident(a.attname), ', ' order by a.attnum), c.relname, r.rolname)
      from pg_attribute a, aclexplode(a.attacl) acl join pg_roles r on r.oid = acl.grantee
      where a.attrelid = c.oid
      group by r.rolname, acl.privilege_type) granted) as grants,
    coalesce(to_json(c.reloptions), '[]') as settings
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'schema_migration'
  order by c.relname`;

/** Triggers follow their functions, and functions the tables of their text. */
const functionsStatement = `
  select 0 as kind, p.proname as name, pg_get_functiondef(p.oid) as definition,
    (select coalesce(json_agg(format('grant execute on function %s to %s', p.oid::regprocedure,
        coalesce(quote_ident(r.rolname), 'public')) order by r.rolname), '[]')
      from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl left join pg_roles r on r.oid = acl.grantee
      where acl.grantee <> p.proowner) as grants
  from pg_proc p where p.pronamespace = 'public'::regnamespace
  union all
  select 1, t.tgname, pg_get_triggerdef(t.oid), '[]'
  from pg_trigger t join pg_class c on c.oid = t.tgrelid
  where c.relnamespace = 'public'::regnamespace and not t.tgisinternal
  order by kind, name`;

interface Table {
  name: string;
  columns: string[];
  constraints: string[];
  indexes: string[];
  grants: string[];
  settings: string[];
}

/** Writes the schema as SQL from the catalogue, in an order independent of the migrations' history. */
export async function describeSchema(connection: Connection): Promise<string> {
  const tables = await connection.query<Table>(tablesStatement);
  const functions = await connection.query<{ definition: string; grants: string[] }>(functionsStatement);
  return [
    ...tables.rows.map(asSql),
    ...functions.rows.map(({ definition, grants }) => lines([definition.trimEnd(), ...grants])),
  ].join('\n');
}

function asSql({ name, columns, constraints, indexes, grants, settings }: Table): string {
  const inside = [...columns, ...constraints].map((line) => `  ${line}`).join(',\n');
  const storage = settings.length === 0 ? '' : ` with (\n  ${settings.join(',\n  ')}\n)`;
  return lines([`create table ${name} (\n${inside}\n)${storage}`, ...indexes, ...grants]);
}

const lines = (statements: readonly string[]): string => statements.map((line) => `${line};\n`).join('');
