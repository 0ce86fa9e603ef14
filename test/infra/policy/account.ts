import type { Template } from 'aws-cdk-lib/assertions';
import { catalogue, type FunctionName } from '../../../lib/catalogue/catalogue.ts';
import type { Policies, Policy, Statement } from './decision.ts';
import { account, type Deployed, deployed } from './deployed.ts';

/** Every policy of a stage's stacks, by its resource. */
export interface Account {
  resources: readonly Deployed[];
  /** ARN of the role of each function. */
  functionRoles: Readonly<Record<FunctionName, string>>;
  /** ARNs of all roles, including those of the CDK's functions. */
  roles: readonly string[];
  /** The policies that apply to a request of this role for this resource. */
  policies(role: string | undefined, resource: string): Policies;
  /** The endpoint policy for a service (`s3`, `sqs`); undefined if the network has no endpoint. */
  endpoint(service: string): Policy | undefined;
}

export function readAccount(...templates: Template[]): Account {
  const resources = deployed(templates);
  const ofType = (type: string) => resources.filter((one) => one.type === type);
  const roles = new Map(ofType('AWS::IAM::Role').map((role) => [arnOf(role), identity(role, resources)]));
  const buckets = new Map(
    ofType('AWS::S3::BucketPolicy').map(({ properties }) => [
      `arn:aws:s3:::${String(properties.Bucket)}`,
      statements(properties.PolicyDocument),
    ]),
  );
  const queues = new Map(
    ofType('AWS::SQS::QueuePolicy').flatMap(({ properties }) =>
      (properties.Queues as string[]).map(
        (url) => [url.split('/').at(-1), properties.PolicyDocument] as const,
      ),
    ),
  );
  const keys = new Map(ofType('AWS::KMS::Key').map(({ id, properties }) => [id, properties.KeyPolicy]));
  const endpoints = new Map(
    ofType('AWS::EC2::VPCEndpoint').map(({ properties }) => [
      String(properties.ServiceName).split('.').at(-1),
      statements(properties.PolicyDocument),
    ]),
  );

  const resourcePolicy = (resource: string): Policy | undefined => {
    const [, , service, , , ...rest] = resource.split(':');
    if (service === 's3') return buckets.get(resource.split('/')[0] ?? '');
    if (service === 'sqs') return statements(queues.get(rest.join(':')));
    if (service === 'kms') return statements(keys.get(rest.join(':').replace('key/', '')));
    return undefined;
  };
  return {
    resources,
    roles: [...roles.keys()],
    functionRoles: Object.fromEntries(
      ofType('AWS::Lambda::Function').flatMap(({ id, properties }) => {
        const name = new RegExp(`Functions(${Object.keys(catalogue).join('|')})Function`).exec(id)?.[1];
        return name === undefined ? [] : [[name, String(properties.Role)]];
      }),
    ) as Account['functionRoles'],
    policies: (role, resource) => ({
      identity: (role === undefined ? undefined : roles.get(role)) ?? [],
      resource: resourcePolicy(resource),
      resourceDecides: resource.split(':')[2] === 'kms',
    }),
    endpoint: (service) => endpoints.get(service),
  };
}

const arnOf = ({ id }: Deployed) => `arn:aws:iam::${account}:role/${id}`;

/** All statements of a role's policies: inline, attached, and those that attach themselves. */
function identity(role: Deployed, resources: readonly Deployed[]): Policy {
  const own = ((role.properties.Policies ?? []) as { PolicyDocument: unknown }[]).map(
    ({ PolicyDocument }) => PolicyDocument,
  );
  const arns = [role.properties.ManagedPolicyArns ?? []].flat().map(String);
  const attached = resources.filter(({ id, type, properties }) => {
    if (type !== 'AWS::IAM::Policy' && type !== 'AWS::IAM::ManagedPolicy') return false;
    const itself = [properties.Roles ?? []].flat().map(String).includes(role.id);
    return itself || arns.some((arn) => arn.endsWith(`:policy/${id}`));
  });
  const foreign = arns.filter((arn) => arn.startsWith('arn:aws:iam::aws:'));
  return [
    ...[...own, ...attached.map(({ properties }) => properties.PolicyDocument)].flatMap(statements),
    ...foreign.map((arn) => allowedByAws(arn)),
  ];
}

/** AWS managed policies of our roles: both write logs. Any other is assumed to allow everything. */
function allowedByAws(arn: string): Statement {
  const logs = /\/(AWSLambdaBasicExecutionRole|AmazonRDSEnhancedMonitoringRole)$/.test(arn);
  return { Sid: arn, Effect: 'Allow', Action: logs ? 'logs:*' : '*', Resource: '*' };
}

function statements(document: unknown): Statement[] {
  const { Statement: all = [] } = (document ?? {}) as { Statement?: Statement | Statement[] };
  return [all].flat();
}
