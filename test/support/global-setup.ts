import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../local/postgres/server.ts';
import '../behaviour/support/suite-deployment.ts';

/** The superuser's address of the one Postgres server of a test run. */
export interface ServerAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: ServerAddress;
  }
}

/**
 * Starts one Postgres for the whole run, without durability; its data are deleted at the end. Many short runs can share
 * one, as do the projects of a run: then SLUICE_TEST_SERVER contains its address as JSON (scripts/mutants.ts).
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  project.provide('target', 'local');
  const given = process.env.SLUICE_TEST_SERVER;
  if (given !== undefined) {
    project.provide('postgres', JSON.parse(given) as ServerAddress);
    return async () => undefined;
  }
  const directory = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  const server = await startPostgres({ directory, maxConnections: 300, durable: false });
  const { host, port, user, password, database } = server;
  const address: ServerAddress = { host, port, user, password, database };
  process.env.SLUICE_TEST_SERVER = JSON.stringify(address);
  project.provide('postgres', address);
  return async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  };
}
