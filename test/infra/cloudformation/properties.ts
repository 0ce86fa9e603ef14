import { stateful } from '../stateful.ts';

/*
 * What CloudFormation's reference says of the types in our templates. A type that is not here has neither a name of ours
 * nor a property that matters for one; names.test.ts goes red for a new one that has.
 */

/** Properties that replace the resource when they change. */
export const replacedBy: Record<string, readonly string[]> = {
  ...Object.fromEntries(Object.entries(stateful).map(([type, { replacedBy }]) => [type, replacedBy])),
  'AWS::ApiGateway::Model': ['Name', 'ContentType', 'RestApiId'],
  'AWS::ApiGateway::RequestValidator': ['Name', 'RestApiId'],
  'AWS::EC2::FlowLog': [
    'ResourceId',
    'ResourceType',
    'TrafficType',
    'LogGroupName',
    'DeliverLogsPermissionArn',
  ],
  'AWS::EC2::VPCEndpoint': ['ServiceName', 'VpcEndpointType', 'VpcId'],
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
 * What a resource is known by where we give it a name: no second one may have it at the same time, in the account and
 * region or in what comes before it here. Without a value for the last one CloudFormation makes a name that is new.
 */
export const identities: Record<string, readonly string[]> = {
  'AWS::ApiGateway::Model': ['RestApiId', 'Name'],
  'AWS::ApiGateway::RequestValidator': ['RestApiId', 'Name'],
  'AWS::ApiGateway::Stage': ['RestApiId', 'StageName'],
  // Addresses may be given out once.
  'AWS::EC2::Subnet': ['VpcId', 'CidrBlock'],
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
 * Where the output of another stack may go that is read weakly: while a change set is made, such a value counts as
 * unknown, and what it might replace is planned to be replaced (aws-cdk#38829). These are changed in place.
 */
export const changedInPlace: Record<string, readonly string[]> = {
  'AWS::IAM::ManagedPolicy': ['PolicyDocument'],
  'AWS::Lambda::Function': ['Environment', 'VpcConfig'],
};

/** Properties that read like names of ours and are none: of AWS's things, of things inside of others, or not unique. */
export const noNames: Record<string, readonly string[]> = {
  'AWS::ApiGateway::Model': ['Name'],
  'AWS::ApiGateway::RequestValidator': ['Name'],
  'AWS::ApiGateway::RestApi': ['Name'],
  'AWS::ApiGateway::Stage': ['StageName'],
  'AWS::EC2::VPCEndpoint': ['ServiceName'],
  'AWS::Lambda::Alias': ['Name'],
  'AWS::RDS::DBCluster': ['DatabaseName'],
  'AWS::RDS::DBInstance': ['DBName'],
  'AWS::RDS::DBProxyTargetGroup': ['TargetGroupName'],
};
