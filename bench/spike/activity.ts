import pg from 'pg';

/** A server that takes longer to accept a connection cannot be sampled either. */
const connectMs = 1_000;
/** SQLSTATE classes of a server that is away, full or stopping. Any other one is a mistake of the run. */
const away = /^(?:08|53|57)/;

/**
 * One connection of the superuser, outside of every budget, that is opened anew after it broke. It counts the connections of a
 * design and reads what else its sampler needs.
 */
export class Activity {
  readonly #database: pg.ClientConfig;
  readonly #counts: pg.QueryConfig;
  #client: Promise<pg.Client> | undefined;

  /** @param counts selects `name` and `count` from pg_stat_activity */
  constructor(database: pg.ClientConfig, counts: pg.QueryConfig) {
    this.#database = database;
    this.#counts = counts;
  }

  /** Open connections by name. @returns undefined if they could not be read */
  async connections(): Promise<Record<string, number> | undefined> {
    const rows = await this.read((client) => client.query<{ name: string; count: number }>(this.#counts));
    return rows && Object.fromEntries(rows.rows.map(({ name, count }) => [name, count]));
  }

  /**
   * @returns undefined if the database did not answer
   * @throws pg.DatabaseError if it refused the query, which no outage explains
   */
  async read<T>(query: (client: pg.Client) => Promise<T>): Promise<T | undefined> {
    this.#client ??= this.#connect();
    const connecting = this.#client;
    try {
      return await query(await connecting);
    } catch (error) {
      if (this.#client === connecting) this.#client = undefined;
      // Not awaited: a broken connection never confirms its end.
      void connecting.then((client) => client.end()).catch(() => undefined);
      if (error instanceof pg.DatabaseError && !away.test(error.code ?? '')) throw error;
      return undefined;
    }
  }

  async close(): Promise<void> {
    await this.#client?.then((client) => client.end()).catch(() => undefined);
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...this.#database,
      application_name: 'sampler',
      connectionTimeoutMillis: connectMs,
    });
    // A connection that the server ends is an error of the next query.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}
