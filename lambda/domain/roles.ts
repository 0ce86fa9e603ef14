/** A Postgres role that functions log in as. lib/catalogue lists them all. */
export type DatabaseRole = `sluice_${string}`;

/** What `migrate` sets for a role. */
export interface RoleShare {
  /** CONNECTION LIMIT. */
  connections: number;
  /** The role's functions keep their connections between invocations. */
  persistent: boolean;
}
export type RoleShares = Readonly<Record<DatabaseRole, RoleShare>>;

/** Names are interpolated into statements, hence this pattern. */
export const rolePattern: RegExp = /^sluice_[a-z]+$/;
