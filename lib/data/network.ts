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

/** Not PostgreSQL's own 5432, which whoever gets in here would try first. A proxy listens on 5432 all the same. */
export const databasePort = 5433;
const https = Port.tcp(443);

/** What was there before the network. */
export interface NetworkPlacement {
  /** The VPC to stand in, and where in it. How functions get from there to S3 and SQS is its owner's affair. */
  vpc?: IVpc | undefined;
  subnets?: SubnetSelection | undefined;
  /** ARN of a bucket that the functions use and that is not called as ours are. */
  bucketArn?: string | undefined;
}

/**
 * A VPC without a way to the internet. There is no NAT (two would cost more than everything else together):
 * what the functions call comes through endpoints.
 */
export class Network extends Construct {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  /** The functions. It belongs to the network, so that two stacks do not need each other's groups. */
  readonly functions: SecurityGroup;
  readonly database: SecurityGroup;

  /** @param flowLog where it is written who spoke with whom; absent in a VPC that was there before. */
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
        // Only a custom resource could empty the default group. Nothing is in that group, and nothing here would be
        // reached from it: a function with rights on security groups would be the larger hole.
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
    // migrate reads the owner's password, which RDS keeps under a name that begins so.
    const password = `arn:${partition}:secretsmanager:${region}:${account}:secret:rds!*`;
    endpoints?.allowPipeline(this, {
      bucketArn,
      secretArns: database.ownerLogin === 'password' ? [password] : [],
    });
    if (flowLog !== undefined) new FlowLogs(this, 'FlowLogs', this.vpc, flowLog);
    // S3's gateway has no group, and the id of its list of addresses is known to nobody before the deploy. In a network of
    // our own, what is allowed here has no other route than that gateway.
    this.functions.addEgressRule(Peer.anyIpv4(), https, 'S3 through its gateway; there is no other route');

    // A database that is kept needs the place where it stands.
    if (deploy.removal === 'retain') {
      RemovalPolicies.of(this).retainOnUpdateOrDelete({
        applyToResourceTypes: [CfnVPC, CfnSubnet].map((type) => type.CFN_RESOURCE_TYPE_NAME),
      });
      // The group and not its rules: they name the functions' group, which goes.
      this.database.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    }
  }

  /** Where functions run that need the database. */
  get forFunctions(): FunctionNetwork {
    return {
      vpc: this.vpc,
      subnets: this.subnets,
      securityGroups: [this.functions],
    };
  }

  /** Puts something between the functions and the database; functions still reach the database, for `migrate`. */
  insertBetween(group: SecurityGroup, port: number): void {
    this.#connect(this.functions, group, Port.tcp(port), 'Functions of the pipeline');
    this.#connect(group, this.database, Port.tcp(databasePort), 'Postgres');
  }

  /** A group that lets nothing in and nothing out. */
  group(id: string, description: string): SecurityGroup {
    return new SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound: false });
  }

  #connect(from: SecurityGroup, to: SecurityGroup, port: Port, description: string): void {
    from.addEgressRule(to, port, description);
    to.addIngressRule(from, port, description);
  }
}
