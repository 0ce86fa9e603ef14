/** A role of Postgres that functions log in as. lib/catalogue names all of them. */
export type DatabaseRole = `sluice_${string}`;

/** What `migrate` sets for a role. */
export interface RoleShare {
  /** CONNECTION LIMIT. */
  connections: number;
  /** The role's functions keep their connections between invocations. */
  persistent: boolean;
}
export type RoleShares = Readonly<Record<DatabaseRole, RoleShare>>;

/** Names are written into statements as they are, so they are limited to this. */
export const rolePattern: RegExp = /^sluice_[a-z]+$/;
