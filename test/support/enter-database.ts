import type { Database } from '../../lambda/postgres/connection/connection.ts';
import { openOnDemand } from '../../lambda/postgres/connection/on-demand.ts';

/** A connection on demand to a database of the tests' server, as this user. */
export function enterDatabase(
  server: { host: string; port: number; user: string; password: string },
  name: string,
  applicationName: string,
): Database {
  return openOnDemand({
    environment: {
      DATABASE_HOST: server.host,
      DATABASE_PORT: server.port,
      DATABASE_NAME: name,
      DATABASE_USER: server.user,
      DATABASE_AUTH: 'password',
      DATABASE_TLS: 'off',
      DATABASE_PREPARED_STATEMENTS: 'named',
    },
    password: async () => server.password,
    applicationName,
  });
}
