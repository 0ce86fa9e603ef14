import { startPostgresByDocker } from './docker-postgres.ts';
import { findLocalStack, type Nowhere, type Search } from './find.ts';
import { guard } from './guardian.ts';
import type { LocalStack } from './localstack.ts';
import { type SessionPostgres, startPostgresHere } from './postgres.ts';
import { runProgram } from './program.ts';

/** A LocalStack and a Postgres for as long as somebody needs both. */
export interface Session {
  localstack: LocalStack;
  postgres: SessionPostgres;
  /** Ends what this session started. */
  close(): Promise<void>;
}

/**
 * Finds or starts LocalStack and starts a fresh Postgres beside it. What was started ends with this process, even when
 * it is killed.
 * @throws LocalStackProblem, PostgresProblem
 */
export async function openSession(search: Search & { maxConnections: number }): Promise<Session | Nowhere> {
  const stack = new AsyncDisposableStack();
  try {
    const localstack = await findLocalStack(search);
    if ('reasons' in localstack) return localstack;
    const { ends = [], network } = localstack;
    stack.defer(guard({ commands: ends, postgres: [], folders: [] }));
    // In the order they are given: a network goes after what is in it.
    for (const [program = '', ...args] of ends.toReversed())
      stack.defer(async () => void (await runProgram(program, args)));
    const postgres =
      network === undefined ? await startPostgresHere(search) : await startPostgresByDocker(network, search);
    stack.defer(() => postgres.stop());
    return { localstack, postgres, close: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
