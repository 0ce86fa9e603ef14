import { catalogue } from '../../lib/catalogue/catalogue.ts';
import type { FunctionDefinition, Trigger } from '../../lib/catalogue/definition.ts';
import { innerQueues } from '../../lib/catalogue/inner-queues.ts';
import { entriesOf } from '../../lib/catalogue/select.ts';
import { type ConnectionBudget, connectionBudget } from '../../lib/config/budget.ts';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { table } from '../markdown.ts';

const config = resolveConfig({ presets: { small: { width: 320 } } });
const all = entriesOf<FunctionDefinition>(catalogue);

const outside = all
  .flatMap(([name, { network }]) => (network === 'internet' ? [`\`${name}\``] : []))
  .join(', ');

/** docs/functions.md: the catalogue as tables, with the sizes of a configuration that sets nothing. */
export function functionsPage(): string {
  const budget = connectionBudget(config);
  return `# Functions

Written by \`npm run functions\` from [lib/catalogue](../lib/catalogue/catalogue.ts), from which the stacks, the connection budget,
the build and the local runner are derived too.

## Triggers and sizes

The default sizes. The sections \`api\`, \`enqueue\` and \`process\` of [sluice.config.ts](configuration.md) change them.

${table(
  ['function', 'purpose', 'trigger', 'time', 'memory', 'reserved concurrency'],
  all.map(([name, { description, trigger, ...sizes }]) => [
    `\`${name}\``,
    description,
    triggers[trigger.kind](trigger),
    `${sizes.timeoutSeconds(config)} s`,
    `${sizes.memoryMb(config)} MB`,
    String(sizes.maxConcurrency(config) ?? 'none'),
  ]),
)}

## Connections to Postgres

These shares, ${budget.reserve} connections for people (\`database.reserve\`) and ${budget.superuser} for superusers are ${budget.total} of ${budget.available} (\`database.maxConnections\`).

${table(
  ['function', 'role', 'lifetime', 'connections'],
  all.map(([name, definition]) => [`\`${name}\``, ...connections(name, definition, budget)]),
)}

## Environment and permissions

Each function has an IAM role that allows these actions, and those that every function needs: writing to its own log group,
sending traces, and being placed in the network. ${outside} runs outside the network, which has no way to the Internet.

${table(
  ['function', 'environment', 'permissions'],
  all.map(([name, { environment, mayTouch }]) => [
    `\`${name}\``,
    environment.join(', '),
    mayTouch.map(({ on, actions }) => `${on}: ${actions.map((one) => `\`${one}\``).join(', ')}`).join('; '),
  ]),
)}
`;
}

const triggers: { [Kind in Trigger['kind']]: (trigger: Trigger) => string } = {
  'rest-api': () => 'the REST API',
  'rest-stream': () => 'streamed routes of the REST API',
  's3-upload': () => 'an upload to S3',
  'sqs-jobs': () => 'messages of ImageJobs',
  schedule: (trigger) =>
    trigger.kind === 'schedule' ? `a schedule, every ${trigger.everySeconds} s` : 'a schedule',
  queue: (trigger) =>
    trigger.kind === 'queue'
      ? `messages of ${innerQueues[trigger.queue].name}${trigger.everySeconds === undefined ? '' : `, and every ${trigger.everySeconds} s`}`
      : 'messages',
  deploy: () => 'each deploy',
  invoke: () => 'an invocation by IAM',
};

function connections(name: string, { database }: FunctionDefinition, budget: ConnectionBudget): string[] {
  if (database === undefined) return ['none', '', '0'];
  const count = String(budget[name as keyof ConnectionBudget]);
  const lifetime =
    typeof database.connections === 'number' ? 'a fixed share' : lifetimes[database.connections];
  return [database.role === 'owner' ? 'the owner' : `\`${database.role}\``, lifetime, count];
}

const lifetimes = {
  persistent: 'one per execution environment, in two generations during a deploy',
  'per-execution': 'one per execution, closed before it ends',
};
