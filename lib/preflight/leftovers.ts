import type { Stack } from '@aws-sdk/client-cloudformation';
import type { DatabaseConnection } from '../config/deployment.ts';
import type { AccountQueries, Identity } from './account-queries.ts';
import type { Leftover } from './evaluate/leftovers.ts';
import { guidOf } from './evaluate/stacks.ts';
import { describeQueryError } from './query-errors.ts';

/** The stacks of a stage: their names, and their descriptions if they exist. */
export interface Stage {
  names: { data: string; pipeline: string };
  data: Stack | undefined;
  pipeline: Stack | undefined;
  /** The configured database: a server left by an earlier deployment is no leftover if it is still used. */
  connection?: DatabaseConnection | undefined;
}

interface Tag {
  Key?: string | undefined;
  Value?: string | undefined;
}

/** The leftovers found, and what could not be queried, as text. */
export interface Search {
  found: Leftover[];
  notQueried: string[];
}

/**
 * Finds resources left by deleted stacks of these names, by CloudFormation's tags. A service that cannot be queried is
 * skipped and reported.
 */
export async function findLeftovers(
  queries: AccountQueries,
  { account, region }: Pick<Identity, 'account' | 'region'>,
  { names, data, pipeline, connection }: Stage,
): Promise<Search> {
  const used = usedBy(connection);
  const left = (tags: readonly Tag[] | undefined, name: string, living: Stack | undefined) => {
    const tag = (key: string) => tags?.find(({ Key }) => Key === `aws:cloudformation:${key}`)?.Value;
    return tag('stack-name') === name && tag('stack-id') !== living?.StackId;
  };
  const searches: Record<Leftover['kind'], () => Promise<(string | undefined)[]>> = {
    server: async () =>
      (await queries.servers())
        // Members of a cluster are reported with it.
        .filter(({ TagList, DBClusterIdentifier }) => !DBClusterIdentifier && left(TagList, names.data, data))
        .filter(({ DbiResourceId = '', Endpoint }) => !used(DbiResourceId, Endpoint?.Address))
        .map(({ DBInstanceIdentifier }) => DBInstanceIdentifier),
    cluster: async () =>
      (await queries.clusters())
        .filter(({ TagList }) => left(TagList, names.data, data))
        .filter(({ DbClusterResourceId = '', Endpoint }) => !used(DbClusterResourceId, Endpoint))
        .map(({ DBClusterIdentifier }) => DBClusterIdentifier),
    network: async () =>
      (await queries.vpcs())
        .filter(({ Tags, VpcId }) => left(Tags, names.data, data) && !used(VpcId))
        .map(({ VpcId }) => VpcId),
    bucket: async () =>
      (await bucketsOf(queries, { account, region }, names.pipeline))
        .filter(({ tags }) => left(tags, names.pipeline, pipeline))
        .map(({ name }) => name),
    logs: async () =>
      (await logsOf(queries, names.data)).filter(
        (name) => !name.includes(`-${guidOf(data) ?? 'none'}/`) && !used(...name.split('/')),
      ),
  };
  const kinds = Object.keys(searches) as Leftover['kind'][];
  const results = await Promise.allSettled(kinds.map((kind) => searches[kind]()));
  const search: Search = { found: [], notQueried: [] };
  for (const [place, kind] of kinds.entries()) {
    const result = results[place];
    if (result?.status === 'fulfilled')
      search.found.push(...result.value.map((name = '?') => ({ kind, name })));
    else search.notQueried.push(`${kind} ${describeQueryError(result?.reason)}`);
  }
  return search;
}

/** Whether an id belongs to the connection's database: its addresses, names, resource ids or network. */
function usedBy(connection: DatabaseConnection | undefined): (...ids: (string | undefined)[]) => boolean {
  if (connection === undefined) return () => false;
  const { host, owner, roles, network } = connection;
  const hosts = [host, ...(owner.host === undefined ? [] : [owner.host])];
  const ids = [owner.resourceId, roles.auth === 'iam' ? roles.resourceId : undefined, network?.vpcId];
  // The first part of an address is the server's name, which its log groups contain.
  const all = new Set([...hosts, ...hosts.map((one) => one.split('.')[0]), ...ids]);
  return (...given) => given.some((one) => one !== undefined && all.has(one));
}

/** Buckets whose names match the pipeline's scheme, with their tags. */
async function bucketsOf(
  queries: AccountQueries,
  { account, region }: Pick<Identity, 'account' | 'region'>,
  stack: string,
) {
  const ours = (name: string) =>
    name.startsWith(`${stack.toLowerCase()}-`) || new RegExp(`-[0-9a-f]{8}-${account}-${region}$`).test(name);
  return Promise.all(
    (await queries.buckets()).filter(ours).map(async (name) => ({
      name,
      tags: Object.entries(await queries.bucketTags(name)).map(([Key, Value]) => ({ Key, Value })),
    })),
  );
}

async function logsOf(queries: AccountQueries, stack: string): Promise<string[]> {
  const server = `${stack.toLowerCase()}-`;
  const folders = ['/sluice/', '/aws/rds/instance/', '/aws/rds/cluster/', '/aws/rds/proxy/'];
  return (await Promise.all(folders.map((folder) => queries.logGroups(`${folder}${server}`)))).flat();
}
