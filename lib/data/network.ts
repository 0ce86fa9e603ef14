import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type ISecurityGroup,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { FunctionNetwork } from './connection.ts';

const postgres = Port.tcp(5432);
const https = Port.tcp(443);

/**
 * A VPC without a way to the internet. There is no NAT (two would cost more than everything else together):
 * what the functions call comes through endpoints.
 */
export class Network extends Construct {
  readonly vpc: IVpc;
  /** The functions. It belongs to the network, so that two stacks do not need each other's groups. */
  readonly functions: SecurityGroup;
  readonly database: SecurityGroup;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.0.0.0/16'),
      maxAzs: 2,
      natGateways: 0,
      // A custom resource would empty the default group, and its rights would be wide; nothing uses that group.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [{ name: 'functions', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 20 }],
      // With exactOptionalPropertyTypes the class does not fit its own interface.
    }) as IVpc;
    this.functions = this.#group('Functions', 'Functions of the pipeline');
    this.database = this.#group('Database', 'Postgres of the pipeline');
    const endpoints = this.#group('Endpoints', 'Endpoints of AWS services');

    // Originals and variants. A gateway endpoint costs nothing, and its addresses are the region's public ones.
    this.vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
    // api and sweep send jobs, process changes their visibility.
    this.#endpoint('Sqs', InterfaceVpcEndpointAwsService.SQS, endpoints);
    // migrate reads the owner's password. The other functions sign their own tokens and call nobody for it.
    this.#endpoint('SecretsManager', InterfaceVpcEndpointAwsService.SECRETS_MANAGER, endpoints);

    this.functions.addEgressRule(Peer.anyIpv4(), https, 'S3 and the endpoints; there is no way further');
    this.functions.addEgressRule(this.database, postgres, 'Postgres');
    this.database.addIngressRule(this.functions, postgres, 'Functions of the pipeline');
    endpoints.addIngressRule(this.functions, https, 'Functions of the pipeline');
  }

  /** Where functions run that need the database. */
  get forFunctions(): FunctionNetwork {
    return {
      vpc: this.vpc,
      subnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [this.functions],
    };
  }

  #group(id: string, description: string): SecurityGroup {
    return new SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound: false });
  }

  #endpoint(id: string, service: InterfaceVpcEndpointAwsService, group: ISecurityGroup): void {
    this.vpc.addInterfaceEndpoint(id, {
      service,
      securityGroups: [group],
      open: false,
      subnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
    });
  }
}
