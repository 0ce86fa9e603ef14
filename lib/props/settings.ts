import type { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import type { Architecture } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';

/**
 * Configuration values in CDK types, grouped by the sections of the configuration. Each replaces one configuration value,
 * which must then be absent there.
 */
export interface PipelineSettings {
  api?: {
    /** `api.timeoutSeconds`: whole seconds, at most 29. */
    timeout?: Duration;
    /** `api.memoryMb`: whole mebibytes. */
    memory?: Size;
  };
  process?: {
    /** `process.timeoutSeconds`: whole seconds. */
    timeout?: Duration;
    /** `process.memoryMb`: whole mebibytes. */
    memory?: Size;
    /** `process.batchWindowSeconds`: whole seconds. */
    batchWindow?: Duration;
    /** `process.visibilityTimeoutSeconds`: whole seconds, at least 6 × timeout + batch window. */
    visibilityTimeout?: Duration;
  };
  uploads?: {
    /** `uploads.ticketSeconds`: lifetime of a presigned POST. */
    ticketLifetime?: Duration;
    /** `uploads.downloadSeconds`: minimum lifetime of a variant's URL. */
    downloadLifetime?: Duration;
    /** `uploads.maxDirectBytes`: the largest image accepted as a request body. */
    maxDirectSize?: Size;
  };
  limits?: {
    /** `limits.maxBytes`: the largest original. */
    maxSize?: Size;
    /** `limits.maxProfileBytes`. */
    maxProfileSize?: Size;
    /** `limits.decodeTimeoutMs`. */
    decodeTimeout?: Duration;
  };
  retention?: {
    /** `retention.idempotencySeconds`. */
    idempotency?: Duration;
    /** `retention.originalsDays`: whole days. */
    originals?: Duration;
    /** `retention.variantsDays`: whole days. */
    variants?: Duration;
    /** `retention.rows.expiredDays`: whole days. */
    expired?: Duration;
    /** `retention.rows.supersededDays`: whole days. */
    superseded?: Duration;
    /** `retention.rows.rejectedDays`: whole days. */
    rejected?: Duration;
    /** `retention.rows.failedDays`: whole days, at least 15. */
    failed?: Duration;
    /** `retention.rows.readyDays`: whole days. */
    ready?: Duration;
  };
  /** Storage of a database that the pipeline creates. */
  storage?: {
    /** `database.storageGb`: whole gibibytes. */
    size?: Size;
    /** `database.maxStorageGb`: whole gibibytes, the limit of storage autoscaling. */
    maxSize?: Size;
    /** `database.backupDays`: whole days. */
    backups?: Duration;
  };
  /** `deploy.logDays`: of all log groups. */
  logRetention?: RetentionDays;
  /** `deploy.removal`: DESTROY, or RETAIN (RETAIN_ON_UPDATE_OR_DELETE is the same) of bucket, keys and database. */
  removalPolicy?: RemovalPolicy;
  /** `deploy.architecture` of the functions: ARM_64 or X86_64. */
  architecture?: Architecture;
}

type Sections = Omit<PipelineSettings, 'logRetention' | 'removalPolicy' | 'architecture'>;
/** `section.name`, or the name alone for a setting without a section. */
export type SettingPath =
  | { [S in keyof Sections]-?: `${S}.${keyof NonNullable<Sections[S]> & string}` }[keyof Sections]
  | Exclude<keyof PipelineSettings, keyof Sections>;
