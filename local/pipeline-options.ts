import type { ResolvedConfig } from '../lib/config/schema.ts';

export interface PipelineOptions {
  config: ResolvedConfig;
  /** Folder of all state; it survives restarts. */
  home: string;
  /** Port of the API and the page on 127.0.0.1; 0 takes a free one. */
  port: number;
  /** The local tenant's key; by default it is made at the first start and kept. */
  apiKey?: string;
  /** Receives one line for each step. */
  onProgress(line: string): void;
  /** Cancels the start; parts that have started are stopped. */
  signal?: AbortSignal;
  /** False trades Postgres's durability for speed, for tests. */
  durable?: boolean;
  /** Interval of the sweep; by default a minute, as on AWS. */
  sweepEveryMs?: number;
}
