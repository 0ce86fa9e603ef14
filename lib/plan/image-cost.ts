import { functionSpecifications } from '../bundling/specifications.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { type CostItem, lambda, logs, million, millions, part, sampled, traces } from './cost-item.ts';
import { prices } from './prices.ts';
import { methodsInUse, metricsPerMethod, perImage } from './usage.ts';

/** The cost of processing this many images a month. */
export function imageCost(config: ResolvedConfig, images: number): CostItem[] {
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

/** The cost of keeping one month's images for each month of their retention. */
export function keptCost({ database, retention }: ResolvedConfig, images: number): CostItem[] {
  const stored = (name: string, bytes: number, days: number | undefined): CostItem => {
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
