/** Unfinished images: those queued or in process, and unused tickets that are still valid. None is deleted. */
export interface TenantBacklog {
  /** Images queued or in process. */
  images: number;
  /** Their expected cost, in ordinary photographs (`image.work`). */
  work: number;
  /** Tickets that still admit an upload. Uploads are among them until a worker, a client's GET or the sweep finds them. */
  tickets: number;
  /** Expected cost of their images. */
  ticketWork: number;
}

/** What ended in one interval between two roll-ups, while other work was waiting all the time. */
export interface DrainInterval {
  /** Its end by the database's clock, in milliseconds since the epoch. */
  at: number;
  seconds: number;
  work: number;
  images: number;
}

/** The refusals that another environment of the API keeps in line, in the policy's encoding. */
export interface SharedTurns {
  /** The environment, as it named itself. */
  environment: string;
  bytes: Buffer;
}

/** The backlog of all tenants at one moment. */
export interface BacklogSnapshot {
  /** The database's clock, in milliseconds since the epoch. */
  at: number;
  total: TenantBacklog;
  /** Tenants with work or unused tickets only. */
  tenants: ReadonlyMap<string, TenantBacklog>;
  /** The last 120 such intervals, the latest last. Old ones remain while nothing waits. */
  ended: readonly DrainInterval[];
  /** Seconds that the oldest work has waited: images queued, or claimed in the last half minute. 0 if none waits. */
  oldestSeconds: number;
  /** Environments of the API that used their session in the last minute, at least 1. */
  environments: number;
  /** What other environments have shared since the last call, each once; kept for 5 s. */
  turns: readonly SharedTurns[];
  /** What the caller has seen by now, for its next call. */
  seen: string;
}
