import type { PipelineOptions } from '../pipeline-options.ts';

/** A part of the local runner: something that starts, may run as processes, and stops. */
export interface Part<Running> {
  readonly name: string;
  /** Reports `<name> ready after … s`. */
  readonly reported?: boolean;
  start(context: PartContext): Promise<Running> | Running;
  stop?(running: Running): Promise<unknown> | unknown;
  /** For a part that the others cannot do without: resolves when its process has ended. */
  ended?(running: Running): Promise<void>;
  /** Process ids, each the leader of its group. */
  pids?(running: Running): number[];
}

export interface PartContext {
  readonly options: PipelineOptions;
  /** What an earlier part returned from its start. */
  use<Running>(part: Part<Running>): Running;
}
