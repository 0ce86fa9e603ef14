import type { Deployed } from '../../../local/localstack/deployment.ts';
import type { Login } from '../../../local/localstack/postgres.ts';
import type { Need } from './behaviour.ts';
import type { Inventory } from './inventory.ts';
import type { TargetKind } from './target.ts';

/** The deployment of a run, as plain data from the setup for the test files. */
export interface SuiteDeployment {
  endpoint: string;
  origin: string;
  deployed: Deployed;
  /** As `database.connection`. */
  connection: Record<string, unknown>;
  tenant: string;
  apiKey: string;
  postgres: Login;
  maxConcurrency: number;
  /** What this LocalStack supports beyond the public one, and whether its log is readable. */
  has: readonly Need[];
  /** The account's resources before it. */
  before: Inventory;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the suite runs; `nowhere` skips it. */
    target: TargetKind | 'nowhere';
    deployment: SuiteDeployment;
  }
}
