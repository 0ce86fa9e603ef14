import { RuleBroken } from './broken.ts';

export class InstanceTooSmall extends RuleBroken {
  override readonly name = 'InstanceTooSmall';
}

/** Memory of an instance in GiB, for the families with regular sizes: t3 and t4g, m5 and r5 or newer. */
export function instanceMemoryGb(instance: string): number | undefined {
  const [, family = '', generation, size = ''] = /^([tmr])(\d+)[a-z]*\.(\w+)$/.exec(instance) ?? [];
  const smallest = { t: 3, m: 5, r: 5 }[family];
  if (smallest === undefined || Number(generation) < smallest) return undefined;
  const [, times] = /^(\d*)xlarge$/.exec(size) ?? [];
  // Size in multiples of `large`; `xlarge` is two.
  const larges =
    times === undefined
      ? { micro: 1 / 8, small: 1 / 4, medium: 1 / 2, large: 1 }[size]
      : 2 * Number(times || 1);
  if (larges === undefined || (family !== 't' && larges < 1)) return undefined;
  return (family === 'r' ? 16 : 8) * larges;
}

const mebi = 1024 ** 2;

/**
 * RDS's default `max_connections`: LEAST(DBInstanceClassMemory / 9531392, 5000). AWS does not document that memory.
 * Servers reported 198 at 2 GiB, 413 at 4, 856 at 8 and 1660 at 15.25; this estimate, 95 % less 240 MiB, is below each.
 * @returns undefined for an instance of unknown memory.
 */
export function connectionsOfInstance(instance: string): number | undefined {
  const memoryGb = instanceMemoryGb(instance);
  if (memoryGb === undefined) return undefined;
  return Math.min(5000, Math.floor(((0.95 * memoryGb * 1024 - 240) * mebi) / 9_531_392));
}

/**
 * The parameter group overrides RDS's default `max_connections`. Without memory for them the server swaps or does not
 * start.
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
