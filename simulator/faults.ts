/** A time in which a part fails, in seconds since the start. */
export interface Fault {
  from: number;
  to: number;
}
/** A database that is away. A silent one answers no connect until it times out; otherwise it refuses at once. */
export interface Outage extends Fault {
  silent?: boolean;
}

/** The fault of this moment, if any. */
export function faultAt<Kind extends Fault>(faults: readonly Kind[], now: number): Kind | undefined {
  return faults.find(({ from, to }) => now >= from && now < to);
}

/** Whether one begins or lasts in this time. */
export function faultIn(faults: readonly Fault[], from: number, to: number): boolean {
  return faults.some((fault) => fault.from < to && fault.to > from);
}
