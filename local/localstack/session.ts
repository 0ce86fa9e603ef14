import { startPostgresByDocker } from './docker-postgres.ts';
import { findLocalStack, type Search, type Unavailable } from './find.ts';
import { guard } from './guardian.ts';
import type { LocalStack } from './localstack.ts';
import { type SessionPostgres, startPostgresHere } from './postgres.ts';
import { runProgram } from './program.ts';

export interface Session {
  localstack: LocalStack;
  postgres: SessionPostgres;
  /** Stops what this session started. */
  close(): Promise<void>;
}

/**
 * Finds or starts LocalStack, and starts a new Postgres. What was started ends with this process, even if it is killed.
 * @throws LocalStackProblem, PostgresProblem
 */
export async function openSession(
  search: Search & { maxConnections: number },
): Promise<Session | Unavailable> {
  const stack = new AsyncDisposableStack();
  try {
    const localstack = await findLocalStack(search);
    if ('reasons' in localstack) return localstack;
    const { ends = [], network } = localstack;
    stack.defer(guard({ commands: ends, postgres: [], folders: [] }));
    // In the given order: a network is removed after its containers.
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
