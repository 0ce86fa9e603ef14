/*
 * Times for which an execution holds what it uses, in seconds. The solver (lib/config/solve.ts) and the rules calculate
 * with these numbers only. Measured on the local runner with the built functions; what Lambda adds is assumed.
 */

/** CPU of a ticket on a full vCPU (1769 MB), measured. Less memory has a smaller share of the vCPU. */
export const ticketCpuSeconds = 0.003;
/** Waits of a ticket: round trips to Postgres within a zone, and Lambda's own overhead. Assumed. */
export const ticketWaitSeconds = 0.009;

/** One image, a 12-megapixel photograph with six variants on a full vCPU: measured 0.48 as WebP and JPEG (CPU 0.42; by default 0.31, bench/imaging). */
export const imageSeconds = 0.48;
/** The same image on Lambda, assumed: nothing was run there. */
export const imageSecondsOnLambda = 1;
/** Replacing the decoder between two tenants, measured. */
export const decoderStartSeconds = 0.11;

/** A claim and a commit of one image at 1 ms round trip, measured: 1.6 ms each. In batches of ten, 0.23 ms. */
export const transactionSeconds = 0.0032;
/** Peak over mean of transactions at once: batches that start together claim together. Assumed. */
export const peakFactor = 4;

/** An upload event in `enqueue`, measured. */
export const enqueueSeconds = 0.03;

/** Memory of one full vCPU of Lambda, in MB. */
export const coreMb = 1769;

/** Seconds that one ticket occupies an execution of the API with this memory. */
export function secondsPerTicket(memoryMb: number): number {
  return ticketCpuSeconds / Math.min(1, memoryMb / coreMb) + ticketWaitSeconds;
}
