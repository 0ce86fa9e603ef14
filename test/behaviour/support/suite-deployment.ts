import type { Deployed } from '../../../local/localstack/deployment.ts';
import type { Login } from '../../../local/localstack/postgres.ts';
import type { Need } from './behaviour.ts';
import type { Inventory } from './inventory.ts';
import type { TargetKind } from './target.ts';

/** The one deployment of a run, as its setup hands it to the test files: plain data. */
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
  /** What this LocalStack has beyond the public one, and what can be seen of it. */
  has: readonly Need[];
  /** What there was before it. */
  before: Inventory;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the suite runs; `nowhere` skips it. */
    target: TargetKind | 'nowhere';
    deployment: SuiteDeployment;
  }
}
