/** The roles of Postgres that functions log in as; `migrate` makes them. */
export const databaseRoles = ['sluice_api', 'sluice_process', 'sluice_sweep'] as const;
export type DatabaseRole = (typeof databaseRoles)[number];
