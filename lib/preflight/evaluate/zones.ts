import type { OrderableDBInstanceOption } from '@aws-sdk/client-rds';
import type { ResolvedConfig } from '../../config/schema.ts';
import type { Zones } from '../account-queries.ts';
import { blocks, type CheckResult, ok } from '../finding.ts';

/** The server's major version. */
const version = /^18(\.|$)/;

/** Whether RDS offers the instance in the network's zones. Must be right before the first deploy: subnets cannot move. */
export function evaluateZones(
  options: OrderableDBInstanceOption[],
  { all, ofDefaultVpc }: Zones,
  { instance, zones, multiAz }: ResolvedConfig['database'],
): CheckResult {
  const offers = options.filter(
    ({ EngineVersion = '', MultiAZCapable, StorageType = '' }) =>
      version.test(EngineVersion) &&
      (!multiAz || MultiAZCapable !== false) &&
      !/^(standard|io)/.test(StorageType),
  );
  const offered = [
    ...new Set(
      offers.flatMap(({ AvailabilityZones = [] }) => AvailabilityZones.map(({ Name = '' }) => Name)),
    ),
  ].sort();
  const what = `db.${instance} with PostgreSQL 18${multiAz ? ' and a standby' : ''}`;
  if (offered.length < 2)
    return blocks(
      `RDS offers ${what} in ${offered.length === 0 ? 'no zone' : `${offered[0]} only`} of this region`,
      "set another database.instance, such as 't4g.small' or 't3.small' (aws rds describe-orderable-db-instance-options --engine postgres)",
    );
  const wanted = zones ?? (ofDefaultVpc.length > 0 ? ofDefaultVpc : all).slice(0, 2);
  const missing = wanted.filter((zone) => !offered.includes(zone));
  if (missing.length === 0) return ok(`RDS offers ${what} in ${wanted.join(' and ')}`);
  const better = [...wanted.filter((zone) => offered.includes(zone)), ...offered].slice(0, 2);
  return blocks(
    `RDS does not offer ${what} in ${missing.join(' and ')}, where this deploy would create the network`,
    `database: { zones: ['${[...new Set([...better, ...offered])].slice(0, 2).join("', '")}'] }`,
  );
}
