import { hasCache } from '../config/counters.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { type CostItem, part } from './cost-item.ts';
import { hoursPerMonth, prices } from './prices.ts';

export class PriceUnknown extends Error {
  override readonly name = 'PriceUnknown';
}

/** The deployment's own server, idle. @throws PriceUnknown */
export function databaseCost({ database }: ResolvedConfig): CostItem[] {
  const { engine, instance, storageGb, capacity, multiAz, proxy, ownerLogin } = database;
  const servers = multiAz ? 2 : 1;
  const parts: CostItem[] = [];
  if (engine === 'postgres') {
    const hour = prices.rdsHour[instance];
    if (hour === undefined)
      throw new PriceUnknown(
        `lib/plan/prices.ts has no price for database.instance ${instance}. It has prices for ` +
          `${Object.keys(prices.rdsHour).join(', ')}.`,
      );
    parts.push(
      part(
        'idle',
        'database',
        `RDS ${instance}`,
        servers * hour * hoursPerMonth,
        `${servers} × ${hoursPerMonth} h × ${hour}${/^t\d/.test(instance) ? `; under sustained load ${prices.rdsCreditHour} more per vCPU hour` : ''}`,
      ),
      part(
        'idle',
        'database',
        'RDS storage',
        servers * storageGb * prices.rdsStorageGbMonth,
        `${servers} × ${storageGb} GB × ${prices.rdsStorageGbMonth}`,
      ),
    );
  } else
    parts.push(
      part(
        'idle',
        'database',
        'Aurora at its minimum',
        servers * capacity.min * prices.auroraUnitHour * hoursPerMonth,
        `${servers} × ${capacity.min} units × ${hoursPerMonth} h × ${prices.auroraUnitHour}; up to ${capacity.max} units under load`,
      ),
    );
  if (proxy)
    parts.push(
      engine === 'postgres'
        ? part(
            'idle',
            'database',
            'RDS Proxy',
            2 * prices.proxyCpuHour * hoursPerMonth,
            `2 processors × ${hoursPerMonth} h × ${prices.proxyCpuHour}`,
          )
        : part(
            'idle',
            'database',
            'RDS Proxy',
            Math.max(8, servers * capacity.min) * prices.proxyUnitHour * hoursPerMonth,
            `${Math.max(8, servers * capacity.min)} units × ${hoursPerMonth} h × ${prices.proxyUnitHour}`,
          ),
    );
  if (ownerLogin === 'password')
    parts.push(part('idle', 'database', 'Owner’s secret', prices.secretMonth, '1 secret'));
  return parts;
}

/** An idle cache for the counters, if the deployment creates one: the least storage, for 80,000 tenants with 4 keys of 280 bytes. */
export function countersCost({ counters }: ResolvedConfig): CostItem[] {
  if (!hasCache(counters)) return [];
  const { cacheLeastGb, cacheGbHour } = prices;
  return [
    part(
      'idle',
      'database',
      'Cache for counters',
      cacheLeastGb * cacheGbHour * hoursPerMonth,
      `${cacheLeastGb} GB × ${hoursPerMonth} h × ${cacheGbHour}`,
    ),
  ];
}

/** Services with an interface endpoint; the S3 gateway endpoint is free. */
function interfaceEndpoints({ database, deploy, events, counters }: ResolvedConfig): string[] {
  const passwords = database.ownerLogin === 'password' || counters.connection?.login.auth === 'password';
  return [
    'SQS',
    ...(passwords ? ['Secrets Manager'] : []),
    ...(deploy.readyEvents || events.eventBridge !== false ? ['EventBridge'] : []),
  ];
}

/** The endpoints of the deployment's own network. */
export function networkCost(config: ResolvedConfig): CostItem[] {
  const services = interfaceEndpoints(config);
  const { endpointZones } = config.database;
  return [
    part(
      'idle',
      'network',
      `Endpoints (${services.join(', ')})`,
      services.length * endpointZones * prices.endpointZoneHour * hoursPerMonth,
      `${services.length} in ${endpointZones === 1 ? 'one zone' : 'two zones'} × ${hoursPerMonth} h × ${prices.endpointZoneHour}`,
    ),
  ];
}
