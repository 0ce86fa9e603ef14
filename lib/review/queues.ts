import type { Resource, Templates } from './template.ts';
import { Unresolved } from './unresolved.ts';

/** @throws Unresolved for an expression. */
export function isFifo(templates: Templates, queue: Resource): boolean {
  const value = templates.property(queue, 'FifoQueue') ?? false;
  if (typeof value === 'object')
    throw new Unresolved(`FifoQueue of ${queue.path} is ${JSON.stringify(value)}`);
  return String(value) === 'true';
}

/**
 * The dead-letter queue of a queue; undefined without one.
 * @throws Unresolved if it is not in these templates.
 */
export function deadLettersOf(templates: Templates, queue: Resource): Resource | undefined {
  const target = templates.property(queue, 'RedrivePolicy', 'deadLetterTargetArn');
  if (target === undefined) return undefined;
  const found = templates.resourceOf(target, queue.templatePath);
  if (found !== undefined) return found;
  throw new Unresolved(`the dead-letter queue of ${queue.path} is not in these templates`);
}

/**
 * Receives before a message moves to the dead-letter queue; undefined without one.
 * @throws Unresolved for an expression.
 */
export function receivesOf(templates: Templates, queue: Resource): number | undefined {
  return templates.number(queue, ['RedrivePolicy', 'maxReceiveCount'], undefined);
}
