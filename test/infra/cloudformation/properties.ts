import { stateful } from '../stateful.ts';

/*
 * CloudFormation's reference for the types in our templates. Other types have no explicit name; retry.test.ts fails for a
 * new one.
 */

/** Properties that replace the resource when they change. */
export const replacedBy: Record<string, readonly string[]> = {
  ...Object.fromEntries(Object.entries(stateful).map(([type, { replacedBy }]) => [type, replacedBy])),
  'AWS::ApiGateway::Model': ['Name', 'ContentType', 'RestApiId'],
  'AWS::ApiGateway::RequestValidator': ['Name', 'RestApiId'],
  'AWS::CloudWatch::Alarm': ['AlarmName'],
  'AWS::EC2::FlowLog': [
    'ResourceId',
    'ResourceType',
    'TrafficType',
    'LogGroupName',
    'DeliverLogsPermissionArn',
  ],
  'AWS::EC2::VPCEndpoint': ['ServiceName', 'VpcEndpointType', 'VpcId'],
  'AWS::ElastiCache::ServerlessCache': [
    'ServerlessCacheName',
    'KmsKeyId',
    'SubnetIds',
    'SnapshotArnsToRestore',
  ],
  'AWS::ElastiCache::User': ['UserId', 'UserName', 'Engine'],
  'AWS::ElastiCache::UserGroup': ['UserGroupId', 'Engine'],
  'AWS::IAM::ManagedPolicy': ['ManagedPolicyName', 'Description', 'Path'],
  'AWS::IAM::Role': ['RoleName', 'Path'],
  'AWS::Lambda::Alias': ['FunctionName', 'Name'],
  'AWS::Lambda::EventInvokeConfig': ['FunctionName', 'Qualifier'],
  'AWS::Lambda::EventSourceMapping': ['EventSourceArn'],
  'AWS::Lambda::Function': ['FunctionName', 'PackageType'],
  'AWS::RDS::DBProxyTargetGroup': ['DBProxyName', 'TargetGroupName'],
  'AWS::WAFv2::LoggingConfiguration': ['ResourceArn'],
  'AWS::WAFv2::WebACL': ['Name', 'Scope'],
};

/**
 * The properties of a resource's explicit name, unique in the account and region or within the preceding properties. If the
 * last one has no value, CloudFormation generates a new name.
 */
export const identities: Record<string, readonly string[]> = {
  'AWS::ApiGateway::Model': ['RestApiId', 'Name'],
  'AWS::ApiGateway::RequestValidator': ['RestApiId', 'Name'],
  'AWS::ApiGateway::Stage': ['RestApiId', 'StageName'],
  // An address can be assigned once.
  'AWS::EC2::Subnet': ['VpcId', 'CidrBlock'],
  'AWS::ElastiCache::ServerlessCache': ['ServerlessCacheName'],
  'AWS::ElastiCache::User': ['UserId'],
  'AWS::ElastiCache::UserGroup': ['UserGroupId'],
  'AWS::Lambda::Alias': ['FunctionName', 'Name'],
  'AWS::Lambda::EventInvokeConfig': ['FunctionName', 'Qualifier'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
  'AWS::RDS::DBCluster': ['DBClusterIdentifier'],
  'AWS::RDS::DBInstance': ['DBInstanceIdentifier'],
  'AWS::RDS::DBProxy': ['DBProxyName'],
  'AWS::RDS::DBProxyTargetGroup': ['DBProxyName', 'TargetGroupName'],
  'AWS::S3::Bucket': ['BucketName'],
};

/**
 * Properties that may read an output of another stack weakly. A change set treats such a value as unknown and plans to
 * replace the resource if the property requires it (aws-cdk#38829). These change in place.
 */
export const changedInPlace: Record<string, readonly string[]> = {
  'AWS::IAM::ManagedPolicy': ['PolicyDocument'],
  'AWS::Lambda::Function': ['Environment', 'VpcConfig'],
};

/** Properties that look like explicit names but are not: names of AWS, of nested resources, or not unique. */
export const noNames: Record<string, readonly string[]> = {
  'AWS::ApiGateway::Model': ['Name'],
  'AWS::ApiGateway::RequestValidator': ['Name'],
  'AWS::ApiGateway::RestApi': ['Name'],
  'AWS::ApiGateway::Stage': ['StageName'],
  'AWS::CloudWatch::Alarm': ['MetricName'],
  'AWS::EC2::VPCEndpoint': ['ServiceName'],
  // A key, and empty.
  'AWS::Events::Archive': ['KmsKeyIdentifier'],
  'AWS::Lambda::Alias': ['Name'],
  'AWS::RDS::DBCluster': ['DatabaseName'],
  'AWS::RDS::DBInstance': ['DBName'],
  'AWS::RDS::DBProxyTargetGroup': ['TargetGroupName'],
};
