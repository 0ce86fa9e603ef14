import type { Resource, Templates } from './template.ts';

/** An event source mapping from SQS to a function. */
export interface Delivery {
  mapping: Resource;
  /** Undefined if it is not in these templates. */
  queue: Resource | undefined;
  target: Resource;
}

/** What rules judge; the templates include resources added by others. */
export interface Scope {
  templates: Templates;
  queues: readonly Resource[];
  deliveries: readonly Delivery[];
}
