import { functionSpecifications } from '../bundling/specifications.ts';
import { hasCache } from '../config/counters.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { type CostItem, lambda, logs, million, millions, part, sampled, traces } from './cost-item.ts';
import { eventCost } from './event-cost.ts';
import { monthSeconds, prices } from './prices.ts';
import { type ImageUsage, methodsInUse, metricsPerMethod, ownMetrics, perImage, usageOf } from './usage.ts';

/**
 * The cost of processing this many images.
 * @param seconds in which they are made: traces are sampled by the second, and metrics are paid by the month.
 */
export function imageCost(
  config: ResolvedConfig,
  images: number,
  usage: ImageUsage = usageOf(config),
  seconds: number = monthSeconds,
): CostItem[] {
  const { deploy } = config;
  const specifications = functionSpecifications(config);
  const { variants } = usage;
  const calls = images * usage.apiCalls;
  const puts = images * usage.s3Puts;
  const gets = images * usage.s3Gets;
  const enqueued = images * usage.enqueued;
  const taken = images * usage.taken;
  const logBytes =
    (calls + enqueued + taken) * perImage.logBytesPerInvocation +
    calls * perImage.gatewayLogBytesPerCall +
    images * ownMetrics.bytesPerImage +
    (config.database.connection === undefined ? images * perImage.flowLogBytes : 0);
  const metrics = methodsInUse * metricsPerMethod;
  const share = seconds === monthSeconds ? '' : ', for a part of a month';
  const { api, enqueue, process } = specifications;
  return [
    part('images', 'api', 'API Gateway', million(calls) * prices.restApiMillion, `${millions(calls)} calls`),
    lambda('images', config, 'api', calls, usage.apiSeconds / usage.apiCalls, api.memoryMb),
    ...(enqueued > 0
      ? [lambda('images', config, 'enqueue', enqueued, perImage.enqueueSeconds, enqueue.memoryMb)]
      : []),
    lambda('images', config, 'process', taken, usage.processSeconds / usage.taken, process.memoryMb),
    part(
      'images',
      's3Requests',
      'S3 puts and lists',
      (puts / 1_000) * prices.s3PutThousand,
      `${millions(puts)}: ${variants} variants and ${Number((usage.s3Puts - variants).toFixed(2))} an image`,
    ),
    part('images', 's3Requests', 'S3 gets', (gets / 1_000) * prices.s3GetThousand, millions(gets)),
    part(
      'images',
      'queue',
      'SQS',
      million(images * usage.sqsRequests) * prices.sqsMillion,
      `${millions(images * usage.sqsRequests)} requests`,
    ),
    ...(hasCache(config.counters)
      ? [
          part(
            'images',
            'database',
            'Cache for counters',
            million(images * perImage.cacheUnits) * prices.cacheUnitMillion,
            `${millions(images * perImage.cacheUnits)} units`,
          ),
        ]
      : []),
    ...(deploy.firewall
      ? [part('images', 'api', 'Firewall', million(calls) * prices.wafMillion, `${millions(calls)} requests`)]
      : []),
    ...(deploy.tracing
      ? [
          traces('images', 'Traces of the API', sampled(calls, seconds)),
          traces(
            'images',
            'Traces of enqueue and process',
            sampled(enqueued, seconds) + sampled(taken, seconds),
          ),
        ]
      : []),
    part(
      'images',
      'logs',
      'Metrics of the API',
      metrics * prices.metricMonth * (seconds / monthSeconds),
      `${methodsInUse} methods × ${metricsPerMethod}${share}`,
    ),
    part(
      'images',
      'logs',
      'Metrics of the functions',
      ownMetrics.busy * prices.metricMonth * (seconds / monthSeconds),
      `${ownMetrics.busy} metrics${share}`,
    ),
    logs('images', 'Logs', logBytes, deploy.logDays),
    ...eventCost(config, images, seconds),
  ];
}

/** The cost of keeping one month's images for each month of their retention. */
export function keptCost(
  { database, retention }: ResolvedConfig,
  images: number,
  usage: Pick<ImageUsage, 'originalBytes' | 'variantBytes'>,
): CostItem[] {
  const stored = (name: string, bytes: number, days: number | undefined): CostItem => {
    const gigabytes = (images * bytes) / 1e9;
    const until = days === undefined ? 'until DELETE' : `for ${days} days`;
    return part(
      'kept',
      's3Storage',
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
    stored('Originals in S3', usage.originalBytes, retention.originalsDays),
    stored('Variants in S3', usage.variantBytes, retention.variantsDays),
    ...(database.connection === undefined
      ? [
          part(
            'kept',
            'database',
            'Rows in the database',
            rows * price,
            `${rows.toFixed(1)} GB a month, once the storage that is there is full`,
          ),
        ]
      : []),
  ];
}
