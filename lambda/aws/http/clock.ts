import type { IncomingHttpHeaders } from 'node:http';

/** AWS refuses signatures 15 minutes off; the SDK corrects the clock from 4 minutes on. */
const toleratedMs = 240_000;

/** A clock that follows that of a service, because AWS refuses signatures of another time. */
export function openClock() {
  let offset = 0;
  return {
    now: () => new Date(Date.now() + offset),
    /** Learns from a response. @returns whether its request was signed with a wrong time. */
    observe(signedAt: Date, { date, age }: IncomingHttpHeaders): boolean {
      const server = Date.parse(date ?? '');
      // A cache's response is as old as its age.
      if (Number.isNaN(server) || age !== undefined) return false;
      offset = server - Date.now();
      return Math.abs(server - signedAt.getTime()) >= toleratedMs;
    },
  };
}
