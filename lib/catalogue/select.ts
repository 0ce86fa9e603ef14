import type { DatabaseRole } from '../../lambda/domain/roles.ts';
import { type Catalogue, type ConnectedFunction, catalogue, type FunctionName } from './catalogue.ts';
import type { Connections, FunctionDefinition, QueueTrigger, Trigger } from './definition.ts';

/** Maps every function, in the order of the catalogue. */
export function eachFunction<Made>(
  functions: Catalogue,
  make: (name: FunctionName, definition: FunctionDefinition) => Made,
): Record<FunctionName, Made> {
  return Object.fromEntries(
    entriesOf<FunctionDefinition>(functions).map(([name, definition]) => [name, make(name, definition)]),
  ) as Record<FunctionName, Made>;
}

/** Names of the functions that satisfy a condition, in the order of the catalogue. */
export function namesWhere(
  holds: (definition: FunctionDefinition) => boolean,
  functions: Catalogue = catalogue,
): FunctionName[] {
  return entriesOf<FunctionDefinition>(functions).flatMap(([name, definition]) =>
    holds(definition) ? [name] : [],
  );
}

export function triggeredBy(kind: Trigger['kind'], functions: Catalogue = catalogue): FunctionName[] {
  return namesWhere(({ trigger }) => trigger.kind === kind, functions);
}

/** The function with a trigger that only one function may have. */
export function onlyOne(
  kind: Exclude<Trigger['kind'], 'schedule' | 'queue' | 'invoke'>,
  functions: Catalogue = catalogue,
): FunctionName {
  const [name, ...more] = triggeredBy(kind, functions);
  if (name === undefined || more.length > 0)
    throw new TypeError(`one function must have the trigger ${kind}: ${[name, ...more].join(', ')}`);
  return name;
}

/** Functions that run at intervals. */
export function scheduled(functions: Catalogue = catalogue): [name: FunctionName, everySeconds: number][] {
  return entriesOf<FunctionDefinition>(functions).flatMap(([name, { trigger }]) =>
    'everySeconds' in trigger && trigger.everySeconds !== undefined ? [[name, trigger.everySeconds]] : [],
  );
}

/** The consumer of each queue between functions. */
export function queueConsumers(
  functions: Catalogue = catalogue,
): { name: FunctionName; definition: FunctionDefinition; trigger: QueueTrigger }[] {
  return entriesOf<FunctionDefinition>(functions).flatMap(([name, definition]) =>
    definition.trigger.kind === 'queue' ? [{ name, definition, trigger: definition.trigger }] : [],
  );
}

/** A function with a role of its own in the database. */
export interface RoleUse {
  name: ConnectedFunction;
  role: DatabaseRole;
  connections: Connections;
}

/** The functions that log in as a role of their own, not as the owner. */
export function roleUses(functions: Catalogue = catalogue): RoleUse[] {
  return entriesOf<FunctionDefinition>(functions).flatMap(([name, { database }]) =>
    database === undefined || database.role === 'owner'
      ? []
      : [{ name: name as ConnectedFunction, role: database.role, connections: database.connections }],
  );
}

export function entriesOf<Value>(byName: Readonly<Record<FunctionName, Value>>): [FunctionName, Value][] {
  return Object.entries(byName) as [FunctionName, Value][];
}
