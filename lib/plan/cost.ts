import type { ResolvedConfig } from '../config/schema.ts';
import { functionSpecifications } from '../functions/specifications.ts';
import { hoursPerMonth, minutesPerMonth, prices } from './prices.ts';
import { idle, methodsInUse, metricsPerMethod, perImage } from './usage.ts';

/** One line of a monthly bill. */
export interface CostPart {
  /** `idle` is paid when nothing comes, `images` for what comes, `kept` is what each month adds to the next ones. */
  kind: 'idle' | 'images' | 'kept';
  name: string;
  /** US dollars a month. */
  usd: number;
  /** The sum in words, with its numbers. */
  how: string;
}

/** There is no price for something that the configuration asks for. */
export class PriceUnknown extends Error {
  override readonly name = 'PriceUnknown';
}

/**
 * What a deployment of this configuration costs in a month, part by part, at a steady rate of images: list prices of
 * lib/plan/prices.ts for the usage of lib/plan/usage.ts. Traffic out of the region is not in it: nobody knows how often
 * a variant is looked at.
 * @param imagesPerMinute 0 for an idle one
 * @throws PriceUnknown for an instance type that is not in the list
 */
export function monthlyCost(config: ResolvedConfig, imagesPerMinute: number): CostPart[] {
  const images = imagesPerMinute * minutesPerMonth;
  return [
    ...(config.database.connection === undefined ? [...database(config), ...network(config)] : []),
    ...keysAndWatch(config),
    ...(images === 0 ? [] : [...work(config, images), ...kept(config, images)]),
  ].filter(({ usd }) => usd > 0);
}

/** US dollars a month of some kinds of parts together. */
export function sumOf(parts: readonly CostPart[], ...kinds: CostPart['kind'][]): number {
  return parts.filter(({ kind }) => kinds.includes(kind)).reduce((sum, { usd }) => sum + usd, 0);
}

function database({ database }: ResolvedConfig): CostPart[] {
  const { engine, instance, storageGb, capacity, multiAz, proxy, ownerLogin } = database;
  const servers = multiAz ? 2 : 1;
  const parts: CostPart[] = [];
  if (engine === 'postgres') {
    const hour = prices.rdsHour[instance];
    if (hour === undefined)
      throw new PriceUnknown(
        `There is no price for database.instance ${instance} in lib/plan/prices.ts; there is for ` +
          `${Object.keys(prices.rdsHour).join(', ')}.`,
      );
    parts.push(
      part(
        'idle',
        `RDS ${instance}`,
        servers * hour * hoursPerMonth,
        `${servers} × ${hoursPerMonth} h × ${hour}${/^t\d/.test(instance) ? `; busy for long, ${prices.rdsCreditHour} more for a processor and hour` : ''}`,
      ),
      part(
        'idle',
        'RDS storage',
        servers * storageGb * prices.rdsStorageGbMonth,
        `${servers} × ${storageGb} GB × ${prices.rdsStorageGbMonth}`,
      ),
    );
  } else
    parts.push(
      part(
        'idle',
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
            'RDS Proxy',
            2 * prices.proxyCpuHour * hoursPerMonth,
            `2 processors × ${hoursPerMonth} h × ${prices.proxyCpuHour}`,
          )
        : part(
            'idle',
            'RDS Proxy',
            Math.max(8, servers * capacity.min) * prices.proxyUnitHour * hoursPerMonth,
            `${Math.max(8, servers * capacity.min)} units × ${hoursPerMonth} h × ${prices.proxyUnitHour}`,
          ),
    );
  if (ownerLogin === 'password') parts.push(part('idle', 'Owner’s secret', prices.secretMonth, '1 secret'));
  return parts;
}

/** Interface endpoints by the service; S3's gateway costs nothing. */
export function interfaceEndpoints({ database, deploy }: ResolvedConfig): string[] {
  return [
    'SQS',
    ...(database.ownerLogin === 'password' ? ['Secrets Manager'] : []),
    ...(deploy.readyEvents ? ['EventBridge'] : []),
  ];
}

function network(config: ResolvedConfig): CostPart[] {
  const services = interfaceEndpoints(config);
  const { endpointZones } = config.database;
  return [
    part(
      'idle',
      `Endpoints (${services.join(', ')})`,
      services.length * endpointZones * prices.endpointZoneHour * hoursPerMonth,
      `${services.length} in ${endpointZones === 1 ? 'one zone' : 'two zones'} × ${hoursPerMonth} h × ${prices.endpointZoneHour}`,
    ),
  ];
}

function keysAndWatch(config: ResolvedConfig): CostPart[] {
  const { database, deploy } = config;
  const own = database.connection === undefined;
  const keys = own ? 3 : 2;
  const { sweep } = functionSpecifications(config);
  const sweeps = idle.sweepsPerMinute * minutesPerMonth;
  const polls = (idle.pollers * 3600 * hoursPerMonth) / idle.pollSeconds;
  const logBytes =
    sweeps * idle.sweepLogBytes +
    (own ? minutesPerMonth * (idle.monitoringLogBytesPerMinute + idle.networkLogBytesPerMinute) : 0);
  return [
    part('idle', 'KMS keys', keys * prices.kmsKeyMonth, `${keys} keys`),
    ...(deploy.firewall
      ? [
          part(
            'idle',
            'Firewall',
            prices.wafAclMonth + firewallRules * prices.wafRuleMonth,
            `1 list of ${prices.wafAclMonth}, ${firewallRules} rules`,
          ),
        ]
      : []),
    part(
      'idle',
      'Polls of an empty queue',
      million(polls) * prices.sqsMillion,
      `${millions(polls)} receives`,
    ),
    lambda('idle', config, 'sweep', sweeps, idle.sweepSeconds, sweep.memoryMb),
    ...(deploy.tracing ? [traces('idle', 'Traces of sweep', sweeps)] : []),
    logs('idle', 'Logs', logBytes, deploy.logDays),
  ];
}

/** Rules of lib/api/firewall.ts. */
const firewallRules = 2;

function work(config: ResolvedConfig, images: number): CostPart[] {
  const { deploy, presets } = config;
  const specifications = functionSpecifications(config);
  const variants = Object.values(presets).reduce((sum, { formats }) => sum + formats.length, 0);
  const calls = images * perImage.apiCalls;
  const puts = images * (variants + perImage.otherS3Puts);
  const gets = images * perImage.s3Gets;
  const invocations = images * (perImage.apiCalls + 2);
  const logBytes =
    invocations * perImage.logBytesPerInvocation +
    calls * perImage.gatewayLogBytesPerCall +
    (config.database.connection === undefined ? images * perImage.flowLogBytes : 0);
  const metrics = methodsInUse * metricsPerMethod;
  return [
    part('images', 'API Gateway', million(calls) * prices.restApiMillion, `${millions(calls)} calls`),
    lambda('images', config, 'api', calls, perImage.apiSeconds, specifications.api.memoryMb),
    lambda('images', config, 'enqueue', images, perImage.enqueueSeconds, specifications.enqueue.memoryMb),
    lambda('images', config, 'process', images, perImage.processSeconds, specifications.process.memoryMb),
    part(
      'images',
      'S3 puts and lists',
      (puts / 1_000) * prices.s3PutThousand,
      `${millions(puts)}: ${variants} variants and ${perImage.otherS3Puts} an image`,
    ),
    part('images', 'S3 gets', (gets / 1_000) * prices.s3GetThousand, millions(gets)),
    part(
      'images',
      'SQS',
      million(images * perImage.sqsRequests) * prices.sqsMillion,
      `${millions(images * perImage.sqsRequests)} requests`,
    ),
    ...(deploy.readyEvents
      ? [part('images', 'Events', million(images) * prices.eventMillion, millions(images))]
      : []),
    ...(deploy.firewall
      ? [part('images', 'Firewall', million(calls) * prices.wafMillion, `${millions(calls)} requests`)]
      : []),
    ...(deploy.tracing
      ? [
          traces('images', 'Traces of the API', sampled(calls)),
          traces('images', 'Traces of enqueue and process', 2 * sampled(images)),
        ]
      : []),
    part(
      'images',
      'Metrics of the API',
      metrics * prices.metricMonth,
      `${methodsInUse} methods × ${metricsPerMethod}`,
    ),
    logs('images', 'Logs', logBytes, deploy.logDays),
  ];
}

function kept({ database, retention }: ResolvedConfig, images: number): CostPart[] {
  const stored = (name: string, bytes: number, days: number | undefined): CostPart => {
    const gigabytes = (images * bytes) / 1e9;
    const until = days === undefined ? 'until DELETE' : `for ${days} days`;
    return part(
      'kept',
      name,
      gigabytes * prices.s3GbMonth,
      `${Math.round(gigabytes)} GB a month, kept ${until}`,
    );
  };
  const rows = (images * perImage.databaseBytes) / 1e9;
  const price =
    database.engine === 'postgres'
      ? prices.rdsStorageGbMonth * (database.multiAz ? 2 : 1)
      : prices.auroraStorageGbMonth;
  return [
    stored('Originals in S3', perImage.originalBytes, retention.originalsDays),
    stored('Variants in S3', perImage.variantBytes, retention.variantsDays),
    ...(database.connection === undefined
      ? [
          part(
            'kept',
            'Rows in the database',
            rows * price,
            `${rows.toFixed(1)} GB a month, once the storage that is there is full`,
          ),
        ]
      : []),
  ];
}

function lambda(
  kind: CostPart['kind'],
  { deploy }: ResolvedConfig,
  name: string,
  invocations: number,
  seconds: number,
  memoryMb: number,
): CostPart {
  const second = prices.lambdaGbSecond[deploy.architecture === 'arm64' ? 'arm64' : 'x64'];
  const usd =
    invocations * seconds * (memoryMb / 1024) * second + million(invocations) * prices.lambdaMillion;
  return part(kind, `Function ${name}`, usd, `${millions(invocations)} × ${seconds} s × ${memoryMb} MB`);
}

/** X-Ray records one a second and a twentieth of what is above, by each service that begins a trace. */
function sampled(requests: number): number {
  const seconds = hoursPerMonth * 3600;
  return Math.min(requests, seconds) + 0.05 * Math.max(0, requests - seconds);
}

function traces(kind: CostPart['kind'], name: string, count: number): CostPart {
  return part(kind, name, million(count) * prices.traceMillion, `${millions(count)} traces`);
}

/** Taken in once, and kept compressed. */
function logs(kind: CostPart['kind'], name: string, bytes: number, days: number): CostPart {
  const gigabytes = bytes / 1e9;
  const keptGigabytes = gigabytes * (days / 30) * 0.15;
  return part(
    kind,
    name,
    gigabytes * prices.logGb + keptGigabytes * prices.logGbMonth,
    `${gigabytes.toFixed(1)} GB, ${days} days`,
  );
}

function part(kind: CostPart['kind'], name: string, usd: number, how: string): CostPart {
  return { kind, name, usd, how };
}

const million = (count: number) => count / 1e6;
const millions = (count: number) => `${million(count).toFixed(count < 1e5 ? 3 : 2)} million`;
