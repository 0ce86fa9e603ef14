import type { Template } from 'aws-cdk-lib/assertions';
import { text } from './reading.ts';

/**
 * The consequence of replacing a resource, and the properties that replace it when they change (CloudFormation's
 * reference). Resources of other types can be replaced without loss.
 */
export const stateful: Record<string, { loss: string; replacedBy: readonly string[] }> = {
  'AWS::S3::Bucket': {
    loss: 'a new, empty bucket: the images remain in the old one and are not found',
    replacedBy: ['BucketName'],
  },
  'AWS::SQS::Queue': {
    loss: 'a new, empty queue: messages in the old one are deleted with it',
    replacedBy: ['QueueName', 'FifoQueue'],
  },
  'AWS::KMS::Key': {
    loss: 'a new key: what the old one has encrypted cannot be read once it is deleted',
    replacedBy: ['KeySpec', 'KeyUsage', 'MultiRegion'],
  },
  'AWS::RDS::DBInstance': {
    loss: 'a new, empty database, at another address',
    replacedBy: [
      'DBInstanceIdentifier',
      'DBName',
      'Engine',
      'MasterUsername',
      'DBSubnetGroupName',
      'StorageEncrypted',
      'KmsKeyId',
    ],
  },
  'AWS::RDS::DBCluster': {
    loss: 'a new, empty database, at another address',
    replacedBy: [
      'DBClusterIdentifier',
      'DatabaseName',
      'Engine',
      'EngineMode',
      'MasterUsername',
      'DBSubnetGroupName',
      'StorageEncrypted',
      'KmsKeyId',
    ],
  },
  'AWS::RDS::DBParameterGroup': {
    loss: 'a restart of the database, or a failed deploy because the old group is in use',
    replacedBy: ['DBParameterGroupName', 'Family', 'Description'],
  },
  'AWS::RDS::DBClusterParameterGroup': {
    loss: 'a restart of the database, or a failed deploy because the old group is in use',
    replacedBy: ['DBClusterParameterGroupName', 'Family', 'Description'],
  },
  'AWS::RDS::DBSubnetGroup': {
    loss: 'a new, empty database: it cannot move to another subnet group',
    replacedBy: ['DBSubnetGroupName'],
  },
  'AWS::RDS::DBProxy': {
    loss: 'another address of the database: connections break during the deploy',
    replacedBy: ['DBProxyName', 'EngineFamily', 'VpcSubnetIds'],
  },
  'AWS::SecretsManager::Secret': {
    loss: 'a new password that the database does not know',
    replacedBy: ['Name'],
  },
  'AWS::EC2::VPC': {
    loss: 'a new network, and with it a new, empty database',
    replacedBy: ['CidrBlock', 'InstanceTenancy'],
  },
  'AWS::EC2::Subnet': {
    loss: 'a failed deploy: the database and the functions are in the old subnet',
    replacedBy: ['VpcId', 'CidrBlock', 'AvailabilityZone'],
  },
  'AWS::EC2::SecurityGroup': {
    loss: 'a failed deploy: old versions of the functions and the database hold the old group',
    replacedBy: ['GroupName', 'GroupDescription', 'VpcId'],
  },
  'AWS::ApiGateway::RestApi': {
    loss: 'another address of the API: clients must be informed',
    replacedBy: [],
  },
  'AWS::ApiGateway::Stage': {
    loss: 'another address of the API: clients must be informed',
    replacedBy: ['RestApiId', 'StageName'],
  },
  'AWS::Logs::LogGroup': {
    loss: 'a new log group: old logs are deleted or hard to find',
    replacedBy: ['LogGroupName'],
  },
};

/** A resource that must stay, or a name that others depend on. */
export interface Pinned {
  stack: string;
  type: string;
  id: string;
  /** The properties that would replace it. */
  made: string;
}

/** The resources of a stack that must stay, in a fixed order. */
export function pinnedIn(stack: string, template: Template): Pinned[] {
  const { Resources = {}, Outputs = {} } = template.toJSON() as {
    Resources?: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
    Outputs?: Record<string, { Export?: { Name: unknown } }>;
  };
  const resources = Object.entries(Resources).flatMap(([id, { Type: type, Properties = {} }]) => {
    const kind = stateful[type];
    if (kind === undefined) return [];
    const made = kind.replacedBy.flatMap((name) =>
      Properties[name] === undefined ? [] : [`${name}=${text(Properties[name])}`],
    );
    return [{ stack, type, id, made: made.join(' ') }];
  });
  const outputs = Object.entries(Outputs).map(([id, { Export: named }]) =>
    named === undefined
      ? { stack, type: 'output', id, made: '' }
      : { stack, type: 'export', id: text(named.Name), made: '' },
  );
  return [...resources, ...outputs].sort((a, b) => (`${a.type} ${a.id}` < `${b.type} ${b.id}` ? -1 : 1));
}
