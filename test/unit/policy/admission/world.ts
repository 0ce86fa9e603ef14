import type { AdmissionPolicy, Refusal } from '../../../../lambda/policy/admission/admission.ts';

/** Clients of one tenant: each sends its next request after the last one was admitted. */
export interface Group {
  tenant: string;
  clients: number;
  /** Mean pause between two images of a client, in seconds. */
  pauseSeconds: number;
  keyed: boolean;
  bulk?: boolean;
  /** Seconds from which until which the clients are active. */
  from?: number;
  until?: number;
  /** Returns after this many seconds, whatever it was told. */
  impatient?: number;
  /** Images of each client; default: no limit. */
  images?: number;
  /** Takes tickets and never uploads. */
  hoards?: boolean;
}

export interface World {
  seconds: number;
  seed: number;
  environments: number;
  workers: number;
  /** Seconds of one image. */
  imageSeconds: (at: number) => number;
  /** What the policy assumes at its start. */
  priorPerSecond: number;
  maxBacklogSeconds: number;
  groups: Group[];
  /** Tenants without any traffic. */
  ticketSeconds?: number;
  /** Sees each policy after it has learnt. */
  watch?: (time: number, policy: AdmissionPolicy) => void;
}

export interface Told {
  tenant: string;
  bulk: boolean;
  obedient: boolean;
  at: number;
  seconds: number;
  code: Refusal['code'];
  /** Until its place in a perfect line had come: as many were admitted as had asked before it. */
  needed: number | undefined;
  /** Whether its first return was let in, if it has returned. */
  letIn: boolean | undefined;
}

export interface Result {
  told: Told[];
  /** Returns by second. */
  returns: number[];
  /** Images uploaded and not done, and these with unused tickets, by second. */
  work: number[];
  workAndTickets: number[];
  /** Images done, by second. */
  done: number[];
  /** Seconds from upload to the end, by tenant. */
  waits: Map<string, { at: number; seconds: number }[]>;
  admissions: Map<string, number[]>;
  refusedFirst: Map<string, number>;
  turnBytes: number;
}
