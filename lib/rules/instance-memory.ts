import { RuleBroken } from './broken.ts';

/** An instance of RDS has no memory for the connections that the budget counts with. */
export class InstanceTooSmall extends RuleBroken {
  override readonly name = 'InstanceTooSmall';
}

/** Memory of an instance in GiB, of the families whose sizes follow one table each: t3 and t4g, m5 and r5 or newer. */
export function instanceMemoryGb(instance: string): number | undefined {
  const [, family = '', generation, size = ''] = /^([tmr])(\d+)[a-z]*\.(\w+)$/.exec(instance) ?? [];
  const smallest = { t: 3, m: 5, r: 5 }[family];
  if (smallest === undefined || Number(generation) < smallest) return undefined;
  const [, times] = /^(\d*)xlarge$/.exec(size) ?? [];
  // How many times `large` it is; `xlarge` is twice that.
  const larges =
    times === undefined
      ? { micro: 1 / 8, small: 1 / 4, medium: 1 / 2, large: 1 }[size]
      : 2 * Number(times || 1);
  if (larges === undefined || (family !== 't' && larges < 1)) return undefined;
  return (family === 'r' ? 16 : 8) * larges;
}

const mebi = 1024 ** 2;

/**
 * How many connections RDS for PostgreSQL would give an instance by itself: LEAST(DBInstanceClassMemory / 9531392, 5000).
 * That memory is what RDS leaves of the instance's own, and told nowhere. Servers that were asked said 198 at 2 GiB, 413
 * at 4, 856 at 8 and 1660 at 15.25; what is reckoned here, 95 % less 240 MiB, is below each of them.
 * @returns undefined for an instance whose memory is not known here.
 */
export function connectionsOfInstance(instance: string): number | undefined {
  const memoryGb = instanceMemoryGb(instance);
  if (memoryGb === undefined) return undefined;
  return Math.min(5000, Math.floor(((0.95 * memoryGb * 1024 - 240) * mebi) / 9_531_392));
}

/**
 * `max_connections` is set to what the budget counts with, whatever RDS would choose. With more than there is memory for
 * the server swaps, or does not start.
 * @throws InstanceTooSmall
 */
export function requireMemory({
  instance,
  maxConnections,
}: {
  instance: string;
  maxConnections: number;
}): void {
  const connections = connectionsOfInstance(instance);
  if (connections === undefined || maxConnections <= connections) return;
  throw new InstanceTooSmall(
    'database.instance',
    `${instance} has ${instanceMemoryGb(instance)} GiB, enough for ${connections} connections (95 % less 240 MiB, 9.1 MiB ` +
      `each), but database.maxConnections is ${maxConnections}. Choose a larger instance (t4g.micro holds ` +
      `${connectionsOfInstance('t4g.micro')}, t4g.small ${connectionsOfInstance('t4g.small')}, t4g.medium ` +
      `${connectionsOfInstance('t4g.medium')}) or lower database.maxConnections.`,
  );
}
