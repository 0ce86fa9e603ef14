import type { End, Image } from './image.ts';
import type { RefusalCode } from './refusal.ts';

/** A request that was refused when it first asked, and what became of it. */
export interface Told {
  tenant: string;
  bulk: boolean;
  obedient: boolean;
  at: number;
  seconds: number;
  code: RefusalCode;
  /** Until its place in a perfect line had come: as many were admitted as had asked before it. */
  needed: number | undefined;
  /** Whether its first return was let in, if it has returned. */
  letIn: boolean | undefined;
}

export interface Ended {
  tenant: string;
  obedient: boolean;
  askedAt: number;
  uploadedAt: number;
  at: number;
  end: End;
}

/** What is true of the images and the requests, whatever the parts know of it. */
export class Ledger {
  /** First requests and all. */
  offered = 0;
  requests = 0;
  admitted = 0;
  refused = 0;
  returns = 0;
  uploaded = 0;
  readonly ends: Record<End, number> = { ready: 0, rejected: 0, failed: 0 };
  /** Ends of images that had ended, which must not be. */
  doubled = 0;
  /** In the dead-letter queue without an attempt, which must not be. */
  untriedDead = 0;
  readonly told: Told[] = [];
  readonly ended: Ended[] = [];
  /** By tenant and priority: when requests first asked, and when requests were admitted. */
  readonly arrivals = new Map<string, number[]>();
  readonly admissions = new Map<string, number[]>();
  readonly #places = new Map<Told, { line: string; place: number }>();

  /** @returns the place of a first request in its line */
  ask(line: string, at: number): number {
    this.offered += 1;
    return pushTo(this.arrivals, line, at) - 1;
  }

  admit(line: string, at: number): void {
    this.admitted += 1;
    pushTo(this.admissions, line, at);
  }

  refuse(told: Told, line: string, place: number): void {
    this.told.push(told);
    this.#places.set(told, { line, place });
  }

  end(image: Image, end: End, at: number): void {
    if (image.end !== undefined) {
      this.doubled += 1;
      return;
    }
    image.end = end;
    image.endedAt = at;
    this.ends[end] += 1;
    const { tenant, obedient, askedAt, uploadedAt } = image;
    this.ended.push({ tenant, obedient, askedAt, uploadedAt, at, end });
  }

  get endedCount(): number {
    return this.ended.length;
  }

  /** Fills in what refused requests had needed. */
  close(): void {
    for (const [told, { line, place }] of this.#places) {
      const admittedAt = this.admissions.get(line)?.[place];
      told.needed = admittedAt === undefined ? undefined : admittedAt - told.at;
    }
  }
}

function pushTo(lists: Map<string, number[]>, name: string, value: number): number {
  let list = lists.get(name);
  if (list === undefined) {
    list = [];
    lists.set(name, list);
  }
  return list.push(value);
}
