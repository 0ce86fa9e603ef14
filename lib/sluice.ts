/*
 * What the package `sluice` gives to the CDK apps that import it. This list is its interface: what is not on it may change
 * at any time, and docs/construct-api.md is written from it.
 */
// biome-ignore lint/performance/noBarrelFile: a package has one entry, and this is it
export { ConfigMistakes } from './config/resolve.ts';
export { SecondEventBus } from './events/ready-events.ts';
export { BuildFailed } from './functions/mistakes.ts';
export * from './image-pipeline.ts';
export { SluiceRules, type SluiceRulesProps } from './review/sluice-rules.ts';
export { RuleBroken } from './rules/broken.ts';
