import { RuleBroken } from './broken.ts';

/** In Aurora capacity units of 2 GB. */
export interface Capacity {
  min: number;
  max: number;
}

/** Aurora Serverless allows fewer connections than the budget needs. */
export class CapacityTooSmall extends RuleBroken {
  override readonly name = 'CapacityTooSmall';
}

/**
 * Connections of Aurora PostgreSQL at a maximum capacity: LEAST(memory / 9531392, 5000) of the remaining memory. Values
 * of AWS's table ("Maximum connections for Aurora Serverless v2"); between them they are linear, 211 a unit.
 */
const given: readonly (readonly [capacity: number, connections: number])[] = [
  [1, 189],
  [4, 823],
  [8, 1669],
  [16, 3360],
  [32, 5000],
];
/** Limit at a minimum of 0 or 0.5 units, whatever the maximum. */
const givenFromSmall = 2000;

/** Connections for which Aurora PostgreSQL Serverless v2 has memory; the smallest maximum is 1 unit. */
export function connectionsOf({ min, max }: Capacity): number {
  const above = given.findIndex(([capacity]) => capacity >= max);
  const [highCapacity, high] = given[above] ?? [max, 5000];
  const [lowCapacity, low] = given[above - 1] ?? [highCapacity, high];
  const share = highCapacity === lowCapacity ? 1 : (max - lowCapacity) / (highCapacity - lowCapacity);
  const connections = Math.floor(low + share * (high - low));
  return min < 1 ? Math.min(connections, givenFromSmall) : connections;
}

/**
 * `max_connections` is set to the budget's number. Above Aurora's own value for the capacity, the server lacks memory
 * or uses its own limit instead.
 * @throws CapacityTooSmall
 */
export function requireCapacity(capacity: Capacity, maxConnections: number): void {
  const connections = connectionsOf(capacity);
  if (maxConnections <= connections) return;
  const { min, max } = capacity;
  const bound =
    connections === givenFromSmall && min < 1 ? `a minimum of ${min} units` : `a maximum of ${max} units`;
  throw new CapacityTooSmall(
    'database.capacity',
    `Aurora gives ${connections} connections at ${bound}, but database.maxConnections is ${maxConnections}. ` +
      'Raise the capacity (1 unit gives 189, 4 give 823, 16 give 3360; above 2000 the minimum must be 1 or more) or ' +
      'lower database.maxConnections.',
  );
}
