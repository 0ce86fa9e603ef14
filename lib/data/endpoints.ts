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

/** What a pipeline in the network may access. */
export interface PipelineAccess {
  /** ARN of an existing bucket, whose name does not follow our scheme. */
  bucketArn?: string | undefined;
  /** ARNs of the secrets with its passwords, in the form for policies. */
  secretArns?: string[];
}

const ofVpc = new WeakMap<IVpc, Endpoints>();

/**
 * The network's endpoints: S3, SQS, Secrets Manager if the database owner has a password, and EventBridge if events are
 * sent. Each allows only principals of this account, resources of this account, and the actions that the functions use.
 * Foreign credentials do not work from inside, and no data can leave for a bucket of another account.
 */
export class Endpoints extends Construct {
  readonly #group: ISecurityGroup;
  readonly #add: (name: string, service: InterfaceVpcEndpointAwsService) => VpcEndpoint;
  readonly #objects: PolicyStatement;
  readonly #buckets: PolicyStatement;
  #secrets: PolicyStatement | undefined;
  #events = false;

  /** The endpoints of a VPC that a pipeline created; undefined for an existing one. */
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

    // Originals, variants and exports, which are written in parts. A gateway endpoint is free and uses the region's public addresses.
    const s3 = vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
    const objects = [
      ...['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:DeleteObjectVersion'],
      's3:AbortMultipartUpload',
    ];
    this.#objects = allowThrough(s3, 'Objects', objects, []);
    this.#buckets = allowThrough(s3, 'Look', ['s3:ListBucket', 's3:ListBucketVersions'], []);

    this.#add = (name: string, service: InterfaceVpcEndpointAwsService) =>
      vpc.addInterfaceEndpoint(name, {
        service,
        securityGroups: [group],
        open: false,
        // 7 USD a month for each zone. Functions in the other zone reach it too, unless its zone fails.
        subnets: { subnets: vpc.isolatedSubnets.slice(0, endpointZones) },
      });
    // api and sweep send jobs, sweep reads the queue's length, process changes visibility and sends dead letters. Lambda
    // polls the queue for process from outside the network.
    allowThrough(
      this.#add('Sqs', InterfaceVpcEndpointAwsService.SQS),
      'Jobs',
      ['sqs:SendMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      [this.#arn(`sqs:${here}:*`)],
    );
  }

  /** Allows functions to connect: those of the network's own pipeline, or of another one in its VPC. */
  allowFrom(functions: ISecurityGroup): void {
    functions.connections.allowTo(this.#group, Port.tcp(443), 'Endpoints');
  }

  /**
   * Allows what a pipeline in this network needs, its own pipeline or another one in its VPC.
   * @param pipeline if it belongs to another stack, which depends on this one, this stack must not depend on its names:
   * all resources of the account are allowed instead.
   */
  allowPipeline(pipeline: Construct, { bucketArn, secretArns = [] }: PipelineAccess): void {
    const inSameStack = Stack.of(pipeline) === Stack.of(this);
    const known = (arn: string, otherwise: string) =>
      inSameStack || !Token.isUnresolved(arn) ? arn : otherwise;
    // The bucket may belong to another stack. The suffix of its name is known: ImageBucket sets it.
    const bucket =
      bucketArn === undefined
        ? this.#arn(`s3:::*-${Aws.ACCOUNT_ID}-${Aws.REGION}`)
        : known(bucketArn, this.#arn('s3:::*'));
    this.#objects.addResources(
      ...['incoming', 'derived', 'exports'].map((folder) => `${bucket}/${folder}/*`),
    );
    this.#buckets.addResources(bucket);
    // A login by IAM signs a token locally and needs no call.
    if (secretArns.length > 0) this.allowSecrets(pipeline, secretArns);
  }

  /** Allows to read passwords. The endpoint is added on demand. @param arns in the form for policies */
  allowSecrets(pipeline: Construct, arns: readonly string[]): void {
    const inSameStack = Stack.of(pipeline) === Stack.of(this);
    this.#secrets ??= allowThrough(
      this.#add('SecretsManager', InterfaceVpcEndpointAwsService.SECRETS_MANAGER),
      'Passwords',
      ['secretsmanager:GetSecretValue'],
      [],
    );
    const secrets = this.#arn(`secretsmanager:${here}:secret:*`);
    this.#secrets.addResources(
      ...arns.map((arn) => (inSameStack || !Token.isUnresolved(arn) ? arn : secrets)),
    );
  }

  /** Allows `relay` to send events. Added on demand, because this endpoint costs as much as that of SQS. */
  allowEvents(): void {
    if (this.#events) return;
    this.#events = true;
    allowThrough(
      this.#add('Events', InterfaceVpcEndpointAwsService.EVENTBRIDGE),
      'Events',
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
    // A gateway endpoint accepts no other principal; the condition restricts it.
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
