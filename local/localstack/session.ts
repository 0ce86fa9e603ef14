import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Closers } from '../closers.ts';
import { type RunningPostgres, startPostgres } from '../postgres/server.ts';
import { findLocalStack, type Nowhere, type Search } from './find.ts';
import { guard } from './guardian.ts';
import type { LocalStack } from './localstack.ts';
import { runProgram } from './program.ts';

/** A LocalStack and a Postgres for as long as somebody needs both. */
export interface Session {
  localstack: LocalStack;
  postgres: RunningPostgres;
  /** Ends what this session started. */
  close(): Promise<void>;
}

/**
 * Finds or starts LocalStack and starts a fresh Postgres beside it. What was started ends with this process, even when
 * it is killed.
 * @throws LocalStackProblem, PostgresProblem
 */
export async function openSession(search: Search & { maxConnections: number }): Promise<Session | Nowhere> {
  const { maxConnections, onProgress } = search;
  const closers = new Closers();
  try {
    const localstack = await findLocalStack(search);
    if ('reasons' in localstack) return localstack;
    const { end } = localstack;
    const directory = mkdtempSync(join(tmpdir(), 'sluice-localstack-postgres-'));
    const release = guard({
      commands: end === undefined ? [] : [end],
      postgres: [join(directory, 'data')],
      folders: [directory],
    });
    closers.add(release);
    closers.add(() => rmSync(directory, { recursive: true, force: true }));
    if (end !== undefined) closers.add(() => runProgram(end[0] ?? '', end.slice(1)));
    // No durability: the images' objects go with LocalStack, so nobody wants the rows again.
    const postgres = await startPostgres({ directory, maxConnections, durable: false, onProgress });
    closers.add(() => postgres.stop());
    return { localstack, postgres, close: () => closers.close() };
  } catch (error) {
    await closers.close();
    throw error;
  }
}
