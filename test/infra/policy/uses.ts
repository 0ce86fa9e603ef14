import { catalogue, type FunctionName } from '../../../lib/catalogue/catalogue.ts';
import type { FunctionDefinition } from '../../../lib/catalogue/definition.ts';
import { innerQueueNames } from '../../../lib/catalogue/inner-queues.ts';
import { roleUses } from '../../../lib/catalogue/select.ts';
import { ownerFunctions } from '../../../lib/config/budget.ts';
import { commands, sentBy, waysOf } from './commands.ts';
import type { PlaceName } from './places.ts';

/** The user of a function's role: its code, or Lambda. */
export type Actor = 'code' | 'lambda';
export interface Use {
  actor: Actor;
  action: string;
  place: PlaceName;
}

const interfaces = ['Assign', 'Unassign']
  .map((verb) => `ec2:${verb}PrivateIpAddresses`)
  .concat(['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface'])
  .concat(['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets']);

/** The settings of a deployment that change its functions' requests. */
export interface Manner {
  ownerLogin: 'iam' | 'password';
  /** Ready events are sent to the default bus too. */
  sendsEvents: boolean;
  /** Quotas are counted in a cache. */
  countsInCache: boolean;
}

/** All requests with the role of a function in such a deployment. */
export async function usesOf(
  name: FunctionName,
  { ownerLogin, sendsEvents, countsInCache }: Manner,
): Promise<Use[]> {
  const uses = [...(await byCode(name)), ...byLambda(name)].filter(
    ({ place }) =>
      (sendsEvents || place !== 'events to the default bus') && (countsInCache || place !== 'counters'),
  );
  if (!ownerFunctions().some((one) => one === name)) return uses;
  const [action, place] =
    ownerLogin === 'iam'
      ? (['rds-db:connect', 'user sluice_owner'] as const)
      : (['secretsmanager:GetSecretValue', "owner's password"] as const);
  return [...uses, { actor: 'code', action, place }];
}

/** The function's requests, what S3 and SQS do with their keys, and its login. */
async function byCode(name: FunctionName): Promise<Use[]> {
  const sent = (await Promise.all(waysOf(name).map(sentBy))).flat();
  const uses = sent.flatMap(({ command, key, queue }): [string, PlaceName][] => {
    const { action, kms, missing } = commands[command] ?? { action: command, kms: [] };
    const service = action.split(':')[0];
    const sealed = service === 'sqs' ? 'key of messages, through SQS' : 'key of images, through S3';
    if (service === 'events')
      return [
        [action, 'events'],
        [action, 'events to the default bus'],
      ];
    return [
      [action, queue === undefined ? placeOf(key) : queueOf(queue)],
      ...kms.map((one): [string, PlaceName] => [one, sealed]),
      ...(missing === undefined ? [] : [[missing, 'bucket'] as [string, PlaceName]]),
    ];
  });
  // With a token that the function signs itself.
  for (const { role } of roleUses().filter((one) => one.name === name))
    uses.push(['rds-db:connect', `user ${role}` as PlaceName]);
  if (catalogue[name].environment.some((part) => part === 'counters'))
    uses.push(['elasticache:Connect', 'counters']);
  return uses.map(([action, place]) => ({ actor: 'code', action, place }));
}

function queueOf(url: string): PlaceName {
  const inner = innerQueueNames.find((name) => url.endsWith(`/${name}`));
  if (inner !== undefined) return inner;
  return url.endsWith('dead-letters') ? 'dead letters' : 'jobs';
}

function placeOf(key: string | undefined): PlaceName {
  if (key === undefined) return 'bucket';
  if (key.startsWith('exports/')) return 'exports';
  return key.startsWith('incoming/') ? 'originals' : 'variants';
}

/** Lambda writes the function's log and traces, places it, polls for it and reports its failures. */
function byLambda(name: FunctionName): Use[] {
  const uses: [string, PlaceName][] = [
    ['logs:CreateLogStream', `log of ${name}`],
    ['logs:PutLogEvents', `log of ${name}`],
    ['xray:PutTraceSegments', 'traces'],
    ['xray:PutTelemetryRecords', 'traces'],
  ];
  const { trigger, network }: FunctionDefinition = catalogue[name];
  if (network !== 'internet') for (const action of interfaces) uses.push([action, 'network interfaces']);
  const { kind } = trigger;
  const polled = kind === 'sqs-jobs' ? 'jobs' : kind === 'queue' ? trigger.queue : undefined;
  if (polled !== undefined) {
    for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'])
      uses.push([action, polled]);
    uses.push(['kms:Decrypt', 'key of messages, through SQS']);
  }
  if (kind === 's3-upload') {
    uses.push(['sqs:SendMessage', 'failed events']);
    uses.push(['kms:GenerateDataKey', 'key of messages, through SQS']);
    uses.push(['kms:Decrypt', 'key of messages, through SQS']);
  }
  return uses.map(([action, place]) => ({ actor: 'lambda', action, place }));
}
