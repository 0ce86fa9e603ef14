import { RemovalPolicies, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  CfnSubnet,
  CfnVPC,
  IpAddresses,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import type { FunctionNetwork } from './connection.ts';
import { Endpoints } from './endpoints.ts';
import { FlowLogs } from './flow-logs.ts';

/** Not PostgreSQL's default 5432, which an intruder would try first. A proxy listens on 5432 nonetheless. */
export const databasePort = 5433;
const https = Port.tcp(443);

/** Existing resources that the network uses. */
export interface NetworkPlacement {
  /** The VPC to use, and the subnets in it. Its owner provides the route to S3 and SQS. */
  vpc?: IVpc | undefined;
  subnets?: SubnetSelection | undefined;
  /** ARN of an existing bucket that the functions use. */
  bucketArn?: string | undefined;
}

/**
 * A VPC without internet access. Instead of NAT gateways (two would cost more than everything else together) the
 * functions use endpoints.
 */
export class Network extends Construct {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  /** The functions' group. It belongs to the network, so that two stacks do not depend on each other's groups. */
  readonly functions: SecurityGroup;
  readonly database: SecurityGroup;

  /** @param flowLog the log group for flow logs; absent in an existing VPC. */
  constructor(
    scope: Construct,
    id: string,
    { deploy, database }: ResolvedConfig,
    flowLog: ILogGroup | undefined,
    { vpc, subnets = {}, bucketArn }: NetworkPlacement = {},
  ) {
    super(scope, id);
    this.subnets = vpc === undefined ? { subnetType: SubnetType.PRIVATE_ISOLATED } : subnets;
    this.vpc =
      vpc ??
      (new Vpc(this, 'Vpc', {
        ipAddresses: IpAddresses.cidr('10.0.0.0/16'),
        ...(database.zones === undefined ? { maxAzs: 2 } : { availabilityZones: database.zones }),
        natGateways: 0,
        // Only a custom resource could empty the default group. The group has no members and reaches nothing here, so a
        // function with permissions on security groups would be the larger risk.
        restrictDefaultSecurityGroup: false,
        subnetConfiguration: [{ name: 'functions', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 20 }],
        // With exactOptionalPropertyTypes the class does not fit its own interface.
      }) as IVpc);
    this.functions = this.group('Functions', 'Functions of the pipeline');
    this.database = this.group('Database', 'Postgres of the pipeline');
    this.#connect(this.functions, this.database, Port.tcp(databasePort), 'Postgres');
    if (vpc === undefined) {
      const group = this.group('Endpoints', 'Endpoints of AWS services');
      new Endpoints(this, 'Services', this.vpc, group, database);
    }
    const endpoints = Endpoints.of(this.vpc);
    endpoints?.allowFrom(this.functions);
    const { partition, region, account } = Stack.of(this);
    // migrate reads the owner's password, which RDS stores under this prefix.
    const password = `arn:${partition}:secretsmanager:${region}:${account}:secret:rds!*`;
    endpoints?.allowPipeline(this, {
      bucketArn,
      secretArns: database.ownerLogin === 'password' ? [password] : [],
    });
    if (flowLog !== undefined) new FlowLogs(this, 'FlowLogs', this.vpc, flowLog);
    // The S3 gateway has no security group, and the id of its prefix list is not known before the deploy. In a network that
    // the pipeline creates, the gateway is the only route for this traffic.
    this.functions.addEgressRule(Peer.anyIpv4(), https, 'S3 through its gateway; there is no other route');

    // A retained database needs its network.
    if (deploy.removal === 'retain') {
      RemovalPolicies.of(this).retainOnUpdateOrDelete({
        applyToResourceTypes: [CfnVPC, CfnSubnet].map((type) => type.CFN_RESOURCE_TYPE_NAME),
      });
      // The group without its rules, which refer to the functions' group that is deleted.
      this.database.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    }
  }

  get forFunctions(): FunctionNetwork {
    return {
      vpc: this.vpc,
      subnets: this.subnets,
      securityGroups: [this.functions],
    };
  }

  /** Inserts a group between functions and database. Functions keep their direct access, for `migrate`. */
  insertBetween(group: SecurityGroup, port: number): void {
    this.#connect(this.functions, group, Port.tcp(port), 'Functions of the pipeline');
    this.#connect(group, this.database, Port.tcp(databasePort), 'Postgres');
  }

  /** A group that allows no traffic. */
  group(id: string, description: string): SecurityGroup {
    return new SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound: false });
  }

  #connect(from: SecurityGroup, to: SecurityGroup, port: Port, description: string): void {
    from.addEgressRule(to, port, description);
    to.addIngressRule(from, port, description);
  }
}
