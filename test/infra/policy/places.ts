import type { DatabaseRole } from '../../../lambda/domain/roles.ts';
import { catalogue, type FunctionName } from '../../../lib/catalogue/catalogue.ts';
import { eachInnerQueue, type InnerQueue, innerQueues } from '../../../lib/catalogue/inner-queues.ts';
import { roleUses } from '../../../lib/catalogue/select.ts';
import type { Account } from './account.ts';
import type { RequestContext } from './conditions.ts';
import { account, type Deployed, region } from './deployed.ts';

/** A requested resource, and the context of the request. */
export interface Target {
  resource: string;
  context: RequestContext;
}

const reached = [
  ...[
    'originals',
    'variants',
    'exports',
    'bucket',
    'jobs',
    'nudges',
    'dead letters',
    'failed events',
    "owner's password",
  ],
  ...['key of images, through S3', 'key of messages, through SQS', 'traces', 'network interfaces'],
  'user sluice_owner',
  'events',
  'events to the default bus',
  'counters',
] as const;
/** The resources that functions use; all other targets are inaccessible. */
export type PlaceName =
  | (typeof reached)[number]
  | InnerQueue
  | `user ${DatabaseRole}`
  | `log of ${FunctionName}`
  | `never: ${string}`;

const functions = Object.keys(catalogue) as FunctionName[];
const here = `${region}:${account}`;

/** Examples of a deployment's resources, one or two for each place. */
export function placesOf({ resources }: Account): Record<PlaceName, Target[]> {
  const find = (type: string, part: string): Deployed => {
    const found = resources.filter((one) => one.type === type && one.id.includes(part));
    if (found[0] === undefined || found.length > 1)
      throw new TypeError(`${found.length} of ${type} with "${part}"`);
    return found[0];
  };
  const images = `arn:aws:s3:::${String(variablesOf(resources, 'process').BUCKET_NAME)}`;
  const accessLogs = resources.find(
    ({ type, id }) => type === 'AWS::S3::Bucket' && id.includes('AccessLogs'),
  );
  const queue = (part: string) => `arn:aws:sqs:${here}:${find('AWS::SQS::Queue', part).id}`;
  const key = (part: string) => `arn:aws:kms:${here}:key/${find('AWS::KMS::Key', part).id}`;
  const keys = { images: key('KeysImages'), messages: key('KeysMessages'), data: key('Key9BCD29C7') };
  const log = (name: FunctionName) => {
    const group = find('AWS::Logs::LogGroup', `Functions${name}Logs`);
    return `arn:aws:logs:${here}:log-group:${String(group.properties.LogGroupName ?? group.id)}`;
  };
  const owned = serverId(resources);
  // The resource id of the users that functions log in as: the proxy's if there is one. The owner bypasses it.
  const server = resources.some(({ type }) => type === 'AWS::RDS::DBProxy') ? 'prx-PROXY' : owned;
  const user = (id: string, name: string) => `arn:aws:rds-db:${here}:dbuser:${id}/${name}`;
  const via = (service?: string) =>
    service === undefined ? {} : { 'kms:ViaService': `${service}.${region}.amazonaws.com` };
  const bus = (name: string) => `arn:aws:events:${here}:event-bus/${name}`;
  const own = bus(find('AWS::Events::EventBus', 'Bus').id);
  const event = (source = 'sluice', type = 'image.ready') => ({
    'events:source': source,
    'events:detail-type': type,
  });
  const cache = String(
    resources.find(({ type }) => type === 'AWS::ElastiCache::ServerlessCache')?.properties
      .ServerlessCacheName ?? 'sluice-12345678',
  );
  const secret = (name: string) => `arn:aws:secretsmanager:${here}:secret:${name}`;

  const places: Record<string, Target[]> = {
    originals: targets(`${images}/incoming/acme/image`, `${images}/incoming/zeta/0/1`),
    variants: targets(`${images}/derived/acme/image/small.webp`, `${images}/derived/zeta/0`),
    exports: targets(`${images}/exports/acme/export.csv.zst`, `${images}/exports/zeta/0`),
    bucket: targets(images),
    'never: elsewhere in the bucket': targets(
      ...[
        'incoming',
        'incomingx/acme/image',
        'derived',
        'exports',
        'other/acme/image',
        'INCOMING/acme/image',
      ].map((one) => `${images}/${one}`),
    ),
    'never: other buckets': targets(
      ...[`arn:aws:s3:::${accessLogs?.id ?? 'logs'}`, `${images}-2`, 'arn:aws:s3:::elsewhere'].flatMap(
        (one) => [one, `${one}/incoming/acme/image`],
      ),
    ),
    jobs: targets(queue('ImageJobs')),
    ...eachInnerQueue((name) => targets(queue(`Queues${innerQueues[name].name}`))),
    'failed events': targets(queue('FailedUploadEvents')),
    'dead letters': targets(queue('DeadLetters')),
    'never: other queues': targets(
      `arn:aws:sqs:${here}:elsewhere`,
      `${queue('ImageJobs').replace(account, '444455556666')}`,
    ),
    'key of images, through S3': targets(keys.images).map((one) => ({ ...one, context: via('s3') })),
    'key of messages, through SQS': targets(keys.messages).map((one) => ({ ...one, context: via('sqs') })),
    'never: keys otherwise': [
      ...[undefined, 'sqs', 'rds', 'secretsmanager'].map((by) => ({
        resource: keys.images,
        context: via(by),
      })),
      ...[undefined, 's3', 'rds', 'logs'].map((by) => ({ resource: keys.messages, context: via(by) })),
      ...[undefined, 's3', 'sqs', 'rds', 'secretsmanager'].map((by) => ({
        resource: keys.data,
        context: via(by),
      })),
      { resource: `arn:aws:kms:${here}:key/elsewhere`, context: via('s3') },
    ],
    "owner's password": targets(
      // If the owner has no secret, one with a name as RDS would generate.
      String(variablesOf(resources, 'migrate').DATABASE_SECRET_ARN ?? secret('rds!db-server-a1B2c3')),
    ),
    'never: other secrets': targets(secret('rds!db-other-Xy12'), secret('elsewhere-Xy12')),
    ...Object.fromEntries(roleUses().map(({ role: name }) => [`user ${name}`, targets(user(server, name))])),
    'user sluice_owner': targets(user(owned, 'sluice_owner')),
    'never: other users': targets(
      ...['postgres', 'sluice_apis', '*'].map((name) => user(server, name)),
      ...['sluice_api', '*'].map((name) => user(owned, `${name}x`)),
      ...(server === owned ? [] : [user(server, 'sluice_owner')]),
      ...roleUses().map(({ role: name }) => user('db-OTHER', name)),
      // Bypassing the proxy, if there is one.
      ...(server.startsWith('prx-')
        ? ['sluice_api', 'sluice_process'].map((name) => user('db-SERVER', name))
        : []),
      ...(server.startsWith('prx-') ? ['sluice_sweep'].map((name) => user('cluster-SERVER', name)) : []),
    ),
    ...Object.fromEntries(
      functions.map((name) => [`log of ${name}`, targets(`${log(name)}:log-stream:2026/01/01/[1]abc`)]),
    ),
    'never: other logs': targets(
      `arn:aws:logs:${here}:log-group:/aws/lambda/elsewhere:log-stream:a`,
      `${log('api')}-2:log-stream:a`,
    ),
    events: [
      { resource: own, context: event() },
      { resource: own, context: event('sluice', 'image.admitted') },
    ],
    'events to the default bus': [{ resource: bus('default'), context: event('sluice', 'Image ready') }],
    'never: other events': [
      { resource: own, context: event('aws.s3') },
      { resource: own, context: event('sluice', 'Image gone') },
      { resource: own, context: {} },
      { resource: bus('elsewhere'), context: event() },
      { resource: own.replace(account, '444455556666'), context: event() },
    ],
    counters: targets(
      `arn:aws:elasticache:${here}:serverlesscache:${cache}`,
      `arn:aws:elasticache:${here}:user:${cache}-api`,
    ),
    'never: other counters': targets(
      `arn:aws:elasticache:${here}:serverlesscache:elsewhere`,
      ...['default', `${cache}-admin`].map((name) => `arn:aws:elasticache:${here}:user:${name}`),
      `arn:aws:elasticache:${here}:usergroup:${cache}-users`,
    ),
    traces: targets(`arn:aws:xray:${here}:*`),
    'network interfaces': targets(`arn:aws:ec2:${here}:network-interface/eni-1`),
  };
  return places as Record<PlaceName, Target[]>;
}

const targets = (...resources: string[]): Target[] =>
  resources.map((resource) => ({ resource, context: {} }));

function serverId(resources: readonly Deployed[]): string {
  return resources.some(({ type }) => type === 'AWS::RDS::DBCluster') ? 'cluster-SERVER' : 'db-SERVER';
}

/** A function's environment variables. */
function variablesOf(resources: readonly Deployed[], name: FunctionName): Record<string, unknown> {
  const found = resources.find(
    ({ type, id }) => type === 'AWS::Lambda::Function' && id.includes(`Functions${name}`),
  );
  if (found === undefined) throw new TypeError(`there is no function ${name}`);
  return (found.properties.Environment as { Variables: Record<string, unknown> }).Variables;
}
