/**
 * What AWS charges on demand, in US dollars before tax: list prices of us-east-1 as they were known on `asOf`, written
 * down from AWS's public pages and not asked for by any tool. Free tiers, savings plans and reserved instances are left out, so
 * that a bill is less rather than more. Other regions are up to half dearer.
 */
export const prices = {
  region: 'us-east-1',
  asOf: '2026-11-29',

  /** RDS for PostgreSQL, one server in one zone, an hour. A standby doubles it. */
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
  /** A processor and hour of a t3 or t4g above what its credits give (10 % of a processor for t4g.micro, 20 % for t4g.small). */
  rdsCreditHour: 0.075,
  /** gp3, a gigabyte and month in one zone; 3,000 IOPS come with it. */
  rdsStorageGbMonth: 0.115,
  /** Aurora PostgreSQL Serverless v2, standard: a capacity unit an hour, a gigabyte a month, a million reads and writes. */
  auroraUnitHour: 0.12,
  auroraStorageGbMonth: 0.1,
  auroraMillionIo: 0.2,
  /** RDS Proxy: a processor of the server and hour, at least two; of Aurora Serverless a unit and hour, at least eight. */
  proxyCpuHour: 0.015,
  proxyUnitHour: 0.015,

  /** An interface endpoint, a zone and hour; a gigabyte through it. */
  endpointZoneHour: 0.01,
  endpointGb: 0.01,
  kmsKeyMonth: 1,
  secretMonth: 0.4,
  wafAclMonth: 5,
  wafRuleMonth: 1,
  wafMillion: 0.6,

  /** Lambda: a gigabyte and second, and a million invocations. */
  lambdaGbSecond: { arm64: 0.0000133334, x64: 0.0000166667 },
  lambdaMillion: 0.2,
  /** API Gateway, REST. */
  restApiMillion: 3.5,
  sqsMillion: 0.4,
  eventMillion: 1,
  /** S3 Standard. A presigned POST counts as a PUT, and so does each list. */
  s3PutThousand: 0.005,
  s3GetThousand: 0.0004,
  s3GbMonth: 0.023,
  /** X-Ray, traces recorded. */
  traceMillion: 5,
  /** CloudWatch: a gigabyte taken in, a gigabyte kept a month (compressed to about 15 %), a metric of one's own a month. */
  logGb: 0.5,
  logGbMonth: 0.03,
  metricMonth: 0.3,
} as const;

/** Hours of a month as AWS counts them, and minutes. */
export const hoursPerMonth = 730;
export const minutesPerMonth = hoursPerMonth * 60;
