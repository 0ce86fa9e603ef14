/**
 * On-demand list prices of us-east-1 in US dollars before tax, as of `asOf`, taken from AWS's public pages by hand. Free
 * tiers, savings plans and reserved instances are ignored, so that the real bill tends to be lower. Other regions cost up
 * to 50 % more.
 */
export const prices = {
  region: 'us-east-1',
  asOf: '2026-11-29',

  /** RDS for PostgreSQL, per hour of a single-AZ server. A standby doubles it. */
  rdsHour: {
    't4g.micro': 0.016,
    't4g.small': 0.032,
    't4g.medium': 0.065,
    't4g.large': 0.129,
    't4g.xlarge': 0.258,
    't4g.2xlarge': 0.517,
    'm7g.large': 0.168,
    'm7g.xlarge': 0.337,
    'm7g.2xlarge': 0.674,
    'r7g.large': 0.239,
    'r7g.xlarge': 0.478,
    'r7g.2xlarge': 0.956,
  } as Readonly<Record<string, number>>,
  /** Per vCPU hour of a t3 or t4g above its credits (10 % of a vCPU for t4g.micro, 20 % for t4g.small). */
  rdsCreditHour: 0.075,
  /** gp3, per GB-month in one zone, with 3,000 IOPS included. */
  rdsStorageGbMonth: 0.115,
  /** Aurora PostgreSQL Serverless v2, standard: per capacity unit hour, per GB-month, per million I/O requests. */
  auroraUnitHour: 0.12,
  auroraStorageGbMonth: 0.1,
  auroraMillionIo: 0.2,
  /** RDS Proxy: per vCPU hour of the server, at least two; for Aurora Serverless per capacity unit hour, at least eight. */
  proxyCpuHour: 0.015,
  proxyUnitHour: 0.015,

  /** ElastiCache Serverless for Valkey: per GB-hour stored, at least 0.1 GB, and per million ECPUs. */
  cacheGbHour: 0.084,
  cacheLeastGb: 0.1,
  cacheUnitMillion: 0.0023,

  /** An interface endpoint: per hour in each zone, and per GB. */
  endpointZoneHour: 0.01,
  endpointGb: 0.01,
  kmsKeyMonth: 1,
  secretMonth: 0.4,
  wafAclMonth: 5,
  wafRuleMonth: 1,
  wafMillion: 0.6,

  /** Lambda: per GB-second, and per million invocations. */
  lambdaGbSecond: { arm64: 0.0000133334, x64: 0.0000166667 },
  lambdaMillion: 0.2,
  /** API Gateway REST API. */
  restApiMillion: 3.5,
  sqsMillion: 0.4,
  /** EventBridge: per million events put on a bus of one's own, or by the account; 64 kB of an event count as one. */
  eventMillion: 1,
  /** S3 Standard. A presigned POST and a list are charged as a PUT. */
  s3PutThousand: 0.005,
  s3GetThousand: 0.0004,
  s3GbMonth: 0.023,
  /** Data transfer to the internet, per GB of the first 10 TB a month. Uploads are free. */
  transferOutGb: 0.09,
  /** X-Ray: traces recorded. */
  traceMillion: 5,
  /** CloudWatch: per GB ingested, per GB-month stored (compressed to about 15 %), per custom metric a month. */
  logGb: 0.5,
  logGbMonth: 0.03,
  metricMonth: 0.3,
  /** CloudWatch: an alarm on one metric a month, with periods of a minute or more. */
  alarmMonth: 0.1,
} as const;

/** Hours of a month in AWS's calculations, and minutes and seconds. */
export const hoursPerMonth = 730;
export const minutesPerMonth: number = hoursPerMonth * 60;
export const monthSeconds: number = minutesPerMonth * 60;
