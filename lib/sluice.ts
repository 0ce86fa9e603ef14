// biome-ignore-all lint/performance/noBarrelFile: a package has one entry, and this is it

/*
 * The public interface of the package `sluice`. Everything else may change at any time. docs/construct-api.md is generated
 * from this file.
 */
export type { EncoderNumbers, Target } from '../lambda/domain/quality.ts';
export type { Firewall } from './api/firewall.ts';
export type { ImageApi } from './api/rest-api.ts';
export type { BuiltFunction } from './bundling/build.ts';
export { BuildFailed } from './bundling/build-failed.ts';
export type { FunctionSpecification } from './bundling/specifications.ts';
export type { FunctionName } from './catalogue/catalogue.ts';
export { GrantImpossible } from './compute/grants.ts';
export type { PipelineFunction } from './compute/pipeline-function.ts';
export type { PipelineFunctions } from './compute/pipeline-functions.ts';
export { ConfigMistakes } from './config/resolve.ts';
export type { ResolvedConfig, StageChanges } from './config/schema.ts';
export type { FunctionNetwork, Owner, OwnerLogin, RoleLogin } from './data/connection.ts';
export type { EncryptionKey, PipelineKeys } from './encryption/keys.ts';
export * from './image-pipeline.ts';
export type { FailedUploadEvents } from './queue/failed-upload-events.ts';
export type { JobsQueue } from './queue/jobs-queue.ts';
export type { FunctionConnections, QueueToDatabaseReviewProps } from './review/queue-to-database-props.ts';
export { QueueToDatabaseReview } from './review/queue-to-database-review.ts';
export { SluiceRules, type SluiceRulesProps } from './review/sluice-rules.ts';
export { RuleBroken } from './rules/broken.ts';
export type { ImageBucket } from './storage/bucket.ts';
