import { unboundedMapping } from '../rules/ceiling.ts';
import type { Delivery, Scope } from './scope.ts';
import type { Resource, Templates } from './template.ts';
import { Unresolved } from './unresolved.ts';

/** What mappings of streams and brokers have, and those of queues do not. */
const otherSources = ['StartingPosition', 'Topics', 'Queues', 'SelfManagedEventSource'];

/** All deliveries of the templates, and the mappings of queues whose function is elsewhere. */
export function deliveriesOf(templates: Templates): { deliveries: Delivery[]; strays: Resource[] } {
  const deliveries: Delivery[] = [];
  const strays: Resource[] = [];
  for (const mapping of templates.ofType('AWS::Lambda::EventSourceMapping')) {
    const { EventSourceArn, FunctionName } = mapping.properties;
    const queue = templates.resourceOf(EventSourceArn, mapping.templatePath);
    const isQueue =
      queue === undefined
        ? otherSources.every((name) => mapping.properties[name] === undefined)
        : queue.type === 'AWS::SQS::Queue';
    if (!isQueue) continue;
    const target = templates.functionOf(FunctionName, mapping.templatePath);
    if (target === undefined) strays.push(mapping);
    else deliveries.push({ mapping, queue, target });
  }
  return { deliveries, strays };
}

/** @throws Unresolved if the queue is not in these templates. */
export function queueOf({ mapping, queue }: Delivery): Resource {
  if (queue === undefined) throw new Unresolved(`the queue of ${mapping.path} is not in these templates`);
  return queue;
}

/** Executions that a mapping may start together; undefined without a maximum. */
export function maximumOf(templates: Templates, mapping: Resource): number | undefined {
  const maximum = templates.number(mapping, ['ScalingConfig', 'MaximumConcurrency'], undefined);
  const pollers = templates.number(mapping, ['ProvisionedPollerConfig', 'MaximumPollers'], undefined);
  // A provisioned poller starts up to ten executions.
  return maximum ?? (pollers === undefined ? undefined : 10 * pollers);
}

export function maximaOf({ templates, deliveries }: Scope, target: Resource): number[] {
  return deliveries
    .filter((one) => one.target === target)
    .map(({ mapping }) => maximumOf(templates, mapping) ?? unboundedMapping);
}

export function reservedOf(templates: Templates, target: Resource): number | undefined {
  return templates.number(target, ['ReservedConcurrentExecutions'], undefined);
}

/** What invokes a function, besides mappings of queues: permissions, other mappings, a URL. */
export function otherInvokers(templates: Templates, target: Resource): Resource[] {
  const invokers = templates.ofType('AWS::Lambda::Permission', 'AWS::Lambda::EventSourceMapping');
  return invokers.filter(
    ({ type, properties, templatePath }) =>
      templates.functionOf(properties.FunctionName, templatePath) === target &&
      (type === 'AWS::Lambda::Permission' || otherSources.some((name) => properties[name] !== undefined)),
  );
}

/**
 * Executions of a function that may exist together.
 * @throws Unresolved if nothing limits them.
 */
export function executionsOf(scope: Scope, target: Resource): number {
  const reserved = reservedOf(scope.templates, target);
  const maxima = maximaOf(scope, target);
  const others = otherInvokers(scope.templates, target);
  if (reserved === undefined && (maxima.length === 0 || others.length > 0))
    throw new Unresolved(
      `${target.path} has no reserved concurrency` +
        (maxima.length > 0 ? `, and is also invoked by ${others.map(({ path }) => path).join(', ')}` : ''),
    );
  const sum = maxima.reduce((total, one) => total + one, 0);
  return maxima.length > 0 && others.length === 0 ? Math.min(reserved ?? sum, sum) : (reserved ?? sum);
}
