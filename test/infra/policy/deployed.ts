import type { Template } from 'aws-cdk-lib/assertions';

export const account = '111122223333';
export const region = 'eu-central-1';
const pseudo: Record<string, string> = {
  'AWS::AccountId': account,
  'AWS::Region': region,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/Sluice/1a2b3c4d-da77-11e4-872e-1234567db123`,
};

export interface Deployed {
  id: string;
  type: string;
  properties: Record<string, unknown>;
}

const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
const secret = (id: string) => arn('secretsmanager', `secret:rds!${id}-a1B2c3`);

/** The result of `Ref`, by type. */
const references: Record<string, (id: string) => string> = {
  'AWS::IAM::ManagedPolicy': (id) => `arn:aws:iam::${account}:policy/${id}`,
  // No policy depends on the function of the alias.
  'AWS::Lambda::Alias': (id) => arn('lambda', `function:${id}`),
  'AWS::SQS::Queue': (id) => `https://sqs.${region}.amazonaws.com/${account}/${id}`,
};
/** Attributes by type; without an explicit name, the name is the logical id. */
const attributes: Record<string, Record<string, (name: string) => string>> = {
  'AWS::IAM::Role': { Arn: (name) => `arn:aws:iam::${account}:role/${name}` },
  'AWS::Lambda::Function': { Arn: (name) => arn('lambda', `function:${name}`) },
  'AWS::SQS::Queue': { Arn: (name) => arn('sqs', name), QueueName: (name) => name },
  'AWS::Events::EventBus': { Arn: (name) => arn('events', `event-bus/${name}`) },
  'AWS::S3::Bucket': { Arn: (name) => `arn:aws:s3:::${name}` },
  'AWS::KMS::Key': { Arn: (name) => arn('kms', `key/${name}`) },
  'AWS::Logs::LogGroup': { Arn: (name) => arn('logs', `log-group:${name}:*`) },
  'AWS::RDS::DBInstance': {
    DbiResourceId: () => 'db-SERVER',
    'MasterUserSecret.SecretArn': () => secret('db-server'),
  },
  'AWS::RDS::DBCluster': {
    DBClusterResourceId: () => 'cluster-SERVER',
    'MasterUserSecret.SecretArn': () => secret('cluster-server'),
  },
  'AWS::RDS::DBProxy': { DBProxyArn: () => arn('rds', 'db-proxy:prx-PROXY') },
};
const names: Record<string, string> = {
  'AWS::S3::Bucket': 'BucketName',
  'AWS::Logs::LogGroup': 'LogGroupName',
};

/**
 * Stacks as deployed: names and ARNs instead of expressions, with the outputs of other stacks. Values that no policy needs,
 * such as addresses, become `<id.attribute>`.
 */
export function deployed(templates: readonly Template[]): Deployed[] {
  const stacks = templates.map((template) => template.toJSON() as Stack);
  const outputs = new Map<string, () => unknown>();
  const all = stacks.flatMap((stack) => {
    const resolve = (value: unknown): unknown => resolved(value, stack, outputs);
    // Output names contain a digest, so two stacks of a stage share none.
    for (const [name, { Value }] of Object.entries(stack.Outputs ?? {}))
      outputs.set(name, () => resolve(Value));
    return Object.entries(stack.Resources).map(([id, { Type, Properties = {} }]) => ({
      id,
      type: Type,
      resolve: () => resolve(Properties) as Record<string, unknown>,
    }));
  });
  return all.map(({ id, type, resolve }) => ({ id, type, properties: resolve() }));
}

interface Stack {
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
  Outputs?: Record<string, { Value: unknown }>;
}

function resolved(value: unknown, stack: Stack, outputs: ReadonlyMap<string, () => unknown>): unknown {
  const again = (inner: unknown): unknown => resolved(inner, stack, outputs);
  const text = (inner: unknown) => String(again(inner));
  const named = (id: string): string => {
    const { Type = '', Properties = {} } = stack.Resources[id] ?? {};
    const name = Properties[names[Type] ?? ''];
    return name === undefined ? id : text(name);
  };
  const reference = (id: string) => {
    const type = stack.Resources[id]?.Type ?? '';
    return pseudo[id] ?? references[type]?.(id) ?? named(id);
  };
  const attribute = (id: string, name: string) =>
    attributes[stack.Resources[id]?.Type ?? '']?.[name]?.(named(id)) ?? `<${id}.${name}>`;

  if (Array.isArray(value)) return value.map(again);
  if (typeof value !== 'object' || value === null) return value;
  const [[kind, inner] = ['', undefined], ...others] = Object.entries(value);
  if (others.length > 0) return mapped(value, again);
  switch (kind) {
    case 'Ref':
      return reference(String(inner));
    case 'Fn::GetAtt': {
      const [id = '', ...path] = inner as string[];
      return attribute(id, path.join('.'));
    }
    case 'Fn::GetStackOutput': {
      const { OutputName } = inner as { OutputName: string };
      return outputs.get(OutputName)?.() ?? `<output ${OutputName}>`;
    }
    case 'Fn::Join': {
      const [separator, parts] = inner as [string, unknown[]];
      return parts.map(text).join(separator);
    }
    case 'Fn::Split': {
      const [separator, whole] = inner as [string, unknown];
      return text(whole).split(separator);
    }
    case 'Fn::Select': {
      const [index, list] = inner as [number | string, unknown];
      return (again(list) as unknown[])[Number(index)];
    }
    case 'Fn::Sub':
      return String(inner).replace(/\$\{([^}!]+)\}/g, (_, name: string) => {
        const [id = '', ...path] = name.split('.');
        return path.length === 0 ? reference(id) : attribute(id, path.join('.'));
      });
    default:
      return mapped(value, again);
  }
}

function mapped(value: object, again: (inner: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, again(inner)]));
}
