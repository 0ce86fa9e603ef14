import { Aws, Stack, Token } from 'aws-cdk-lib';
import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  type ISecurityGroup,
  type IVpc,
  Port,
  type VpcEndpoint,
} from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';

const here = `${Aws.REGION}:${Aws.ACCOUNT_ID}`;

/** What a pipeline needs that stands in the network. */
export interface PipelineAccess {
  /** Of a bucket that is not called as ours are. */
  bucketArn?: string | undefined;
  /** ARNs of the secrets with its passwords, as policies name them. */
  secretArns?: string[];
}

const ofVpc = new WeakMap<IVpc, Endpoints>();

/**
 * The ways out of the network: S3, SQS, where the owner of the database has a password Secrets Manager, and where somebody
 * is told of images EventBridge. Each endpoint lets only principals of this account through, only to what is this
 * account's, and only to do what a function does there: credentials from elsewhere are of no use in here, and nothing can be
 * carried out to a bucket of somebody else.
 */
export class Endpoints extends Construct {
  readonly #group: ISecurityGroup;
  readonly #add: (name: string, service: InterfaceVpcEndpointAwsService) => VpcEndpoint;
  readonly #objects: PolicyStatement;
  readonly #buckets: PolicyStatement;
  #secrets: PolicyStatement | undefined;
  #events = false;

  /** Those of a VPC of our own; undefined for one that was there before. */
  static of(vpc: IVpc): Endpoints | undefined {
    return ofVpc.get(vpc);
  }

  constructor(
    scope: Construct,
    id: string,
    vpc: IVpc,
    group: ISecurityGroup,
    { endpointZones }: ResolvedConfig['database'],
  ) {
    super(scope, id);
    ofVpc.set(vpc, this);
    this.#group = group;

    // Originals and variants. A gateway endpoint costs nothing, and its addresses are the region's public ones.
    const s3 = vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
    const objects = ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:DeleteObjectVersion'];
    this.#objects = allowThrough(s3, 'Objects', objects, []);
    this.#buckets = allowThrough(s3, 'Look', ['s3:ListBucket', 's3:ListBucketVersions'], []);

    this.#add = (name: string, service: InterfaceVpcEndpointAwsService) =>
      vpc.addInterfaceEndpoint(name, {
        service,
        securityGroups: [group],
        open: false,
        // Each zone costs 7 USD a month. From the other one it is reached too, and lost with its zone.
        subnets: { subnets: vpc.isolatedSubnets.slice(0, endpointZones) },
      });
    // api and sweep send jobs and sweep asks how many wait; process changes their visibility and sends dead letters. What
    // polls the queue for process is Lambda itself, from outside.
    allowThrough(
      this.#add('Sqs', InterfaceVpcEndpointAwsService.SQS),
      'Jobs',
      ['sqs:SendMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      [this.#arn(`sqs:${here}:*`)],
    );
  }

  /** Lets functions in: those of the network's own pipeline, and of another one that stands in its VPC. */
  allowFrom(functions: ISecurityGroup): void {
    functions.connections.allowTo(this.#group, Port.tcp(443), 'Endpoints');
  }

  /**
   * Lets through what a pipeline needs that stands in this network, its own or one that shares its VPC.
   * @param pipeline of another stack it needs this one, which then must not need names of there: what is this account's
   * is let through instead.
   */
  allowPipeline(pipeline: Construct, { bucketArn, secretArns = [] }: PipelineAccess): void {
    const beside = Stack.of(pipeline) === Stack.of(this);
    const known = (arn: string, otherwise: string) => (beside || !Token.isUnresolved(arn) ? arn : otherwise);
    // The bucket may be another stack's: of its name the end is known, which ImageBucket gives it.
    const bucket =
      bucketArn === undefined
        ? this.#arn(`s3:::*-${Aws.ACCOUNT_ID}-${Aws.REGION}`)
        : known(bucketArn, this.#arn('s3:::*'));
    this.#objects.addResources(`${bucket}/incoming/*`, `${bucket}/derived/*`);
    this.#buckets.addResources(bucket);
    // Who logs in by IAM signs a token and calls nobody for it.
    if (secretArns.length === 0) return;
    this.#secrets ??= allowThrough(
      this.#add('SecretsManager', InterfaceVpcEndpointAwsService.SECRETS_MANAGER),
      'Passwords',
      ['secretsmanager:GetSecretValue'],
      [],
    );
    const secrets = this.#arn(`secretsmanager:${here}:secret:*`);
    this.#secrets.addResources(...secretArns.map((arn) => known(arn, secrets)));
  }

  /** Lets `process` send events. Only where somebody listens, for this endpoint costs as much as that of SQS. */
  allowEvents(): void {
    if (this.#events) return;
    this.#events = true;
    allowThrough(
      this.#add('Events', InterfaceVpcEndpointAwsService.EVENTBRIDGE),
      'ReadyEvents',
      ['events:PutEvents'],
      [this.#arn(`events:${here}:event-bus/*`)],
    );
  }

  #arn(rest: string): string {
    return `arn:${Stack.of(this).partition}:${rest}`;
  }
}

function allowThrough(
  endpoint: VpcEndpoint,
  sid: string,
  actions: string[],
  resources: string[],
): PolicyStatement {
  const statement = new PolicyStatement({
    sid,
    // A gateway endpoint takes no other; who may is said by the condition.
    principals: [new AnyPrincipal()],
    actions,
    resources,
    conditions: {
      StringEquals: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID, 'aws:ResourceAccount': Aws.ACCOUNT_ID },
    },
  });
  endpoint.addToPolicy(statement);
  return statement;
}
