import type { Connection } from '../connection/connection.ts';

/** A key by its hash: `valid` works; `ending` was replaced and works until `endsAt`; `revoked` stopped then. */
export interface KeyFacts {
  /** In hex. */
  sha256: string;
  tenant: string;
  createdAt: Date;
  state: 'valid' | 'ending' | 'revoked';
  endsAt: Date | null;
}

const columns = `encode(sha256, 'hex') as sha256, tenant_id as tenant, created_at as "createdAt", revoked_at as "endsAt",
  case when revoked_at is null then 'valid' when revoked_at > now() then 'ending' else 'revoked' end as state`;

/** Keys of a tenant, newest first. */
export async function listKeys(connection: Connection, tenant: string, limit: number): Promise<KeyFacts[]> {
  const { rows } = await connection.query<KeyFacts>(
    `select ${columns} from api_key where tenant_id = $1 order by created_at desc, api_key.sha256 desc limit $2`,
    [tenant, limit],
  );
  return rows;
}

/** Keys of any tenant whose SHA-256 begins with these hex digits: a range of the primary key. At most `limit`. */
export async function keysBeginning(
  connection: Connection,
  digits: string,
  limit: number,
): Promise<KeyFacts[]> {
  const { rows } = await connection.query<KeyFacts>(
    `select ${columns} from api_key where api_key.sha256 between $1 and $2 order by api_key.sha256 limit $3`,
    [Buffer.from(digits.padEnd(64, '0'), 'hex'), Buffer.from(digits.padEnd(64, 'f'), 'hex'), limit],
  );
  return rows;
}

/** Keys of a tenant to end: those with these SHA-256 in hex, or all others. */
export interface Ending {
  tenant: string;
  only?: readonly string[];
  except?: readonly string[];
  /** Seconds until they end; 0 ends them now. */
  afterSeconds: number;
}

/** Ends keys of a tenant; none later than before. @returns those changed, newest first. */
export async function endKeys(
  connection: Connection,
  { tenant, only, except = [], afterSeconds }: Ending,
): Promise<KeyFacts[]> {
  const bytes = (all: readonly string[]) => all.map((sha256) => Buffer.from(sha256, 'hex'));
  const { rows } = await connection.query<KeyFacts>(
    `with ended as (
       update api_key set revoked_at = now() + make_interval(secs => $4)
       where tenant_id = $1 and ($2::bytea[] is null or sha256 = any($2)) and sha256 <> all($3::bytea[])
         and (revoked_at is null or revoked_at > now() + make_interval(secs => $4))
       returning *
     ) select ${columns} from ended order by created_at desc, ended.sha256 desc`,
    [tenant, only === undefined ? null : bytes(only), bytes(except), afterSeconds],
  );
  return rows;
}
