import type { Picture } from './pictures.ts';

/*
 * What the producers and the run tell each other, and what the producers record. Times are milliseconds since the epoch:
 * two processes and Postgres share the machine's clock.
 */

/** One image that a producer wants, from the first request to its upload. */
export interface Order {
  tenant: string;
  way: 'ticket' | 'direct';
  picture: Picture['kind'];
  obedient: boolean;
  firstAt: number;
  attempts: Attempt[];
  id?: string;
  admittedAt?: number;
  uploadedAt?: number;
  /** The code of a response that ends it without an image. */
  endedBy?: string;
}

/** One request for a ticket, or with the image as its body. */
export interface Attempt {
  at: number;
  ms: number;
  /** 0: the connection failed. */
  status: number;
  code?: string;
  /** Seconds, of the response. */
  retryAfter?: number;
}

export interface ProducerSetup {
  url: string;
  /** API key of each tenant. */
  keys: Record<string, string>;
  sound: Picture[];
  poison: Picture[];
  loud: string;
  seed: number;
  /** Receives the orders as lines of JSON at the end. */
  recordFile: string;
}

/** What arrives from now on. */
export interface Load {
  /** First requests a second, of each tenant. */
  perSecond: Record<string, number>;
  /** Clients of the loud tenant that return after a second, whatever they are told. */
  disobedient: number;
  /** The loud tenant sends no first request while so many requests are open. */
  mostOpen: number;
}

export type ToProducers = { setup: ProducerSetup } | { load: Load } | { finish: true };

/** Counts since the start, and the uploads since the last report. */
export interface ProducerReport {
  /** First requests of obedient producers. */
  asked: number;
  offered: number;
  admitted: number;
  refused: number;
  /** Arrivals that were not sent, because too many requests were open. */
  skipped: number;
  open: number;
  uploads: [id: string, at: number][];
}

/** `finished` says how many orders the file has. */
export type FromProducers = { report: ProducerReport } | { finished: number };
