/** The standing of a tenant, in units of work. */
export interface Standing {
  /** Unfinished work of all tenants. */
  total: number;
  /** Unfinished work of the tenant, and of its unused tickets. */
  own: number;
  /** Unused tickets of all tenants and of this one, as the work that they become. */
  tickets: { total: number; own: number };
  /** Tenants that have work or tickets. */
  tenants: number;
  weight: number;
}

/**
 * How far a tenant may go: this many times what is still free. A lone tenant holds four fifths of the capacity, two hold
 * four ninths each. The rest is what a newcomer finds.
 */
const usualReach = 4;
/** Of the capacity, shared by all tenants with work: what each may hold even if the capacity is exceeded. */
const guaranteed = 0.1;

/**
 * How much more work a tenant may bring, with another reach if the simulator asks for it: its dynamic threshold (Choudhury and Hahne, "Dynamic Queue Length Thresholds for
 * Shared-Memory Packet Switches", 1998) less what it has. Negative by what it has too much.
 *
 * Its work and tickets are bounded by `reach × weight` of what the work of all leaves free. Unused tickets take no
 * work from others, so they count against their own tenant only, and have the same bound among themselves: what is free is
 * less by what all tickets take.
 */
export function roomFor(
  standing: Standing,
  capacity: number,
  isBulk = false,
  reach: number = usualReach,
): number {
  const { total, own, tickets, tenants, weight } = standing;
  const factor = reach * weight;
  // What is admitted also lowers the threshold, hence the division.
  const byWork = (factor * (capacity - total) - own) / (1 + factor);
  const byTickets = (factor * (capacity - tickets.total) - tickets.own) / (1 + factor);
  const room = Math.min(byWork, byTickets);
  return isBulk ? room : Math.max(room, (guaranteed * weight * capacity) / (tenants + 1) - own);
}

/** Whether a tenant without work would be admitted: its image waits for one of each other tenant. */
export function admitsNewcomer(tenants: number, cost: number, capacity: number): boolean {
  return tenants + cost <= capacity;
}
