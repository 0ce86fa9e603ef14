import { Aws, Stack } from 'aws-cdk-lib';
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
  #events = false;

  /** Those of a VPC of our own; undefined for one that was there before. */
  static of(vpc: IVpc): Endpoints | undefined {
    return ofVpc.get(vpc);
  }

  /** @param bucketArn of a bucket that is not called as ours are. */
  constructor(
    scope: Construct,
    id: string,
    vpc: IVpc,
    group: ISecurityGroup,
    { ownerLogin, endpointZones }: ResolvedConfig['database'],
    bucketArn?: string,
  ) {
    super(scope, id);
    ofVpc.set(vpc, this);
    this.#group = group;
    const { partition } = Stack.of(this);
    // The names of queues and secrets are known only when they are there, and the bucket is another stack's: of those
    // the end of its name, which ImageBucket gives it.
    const bucket = bucketArn ?? `arn:${partition}:s3:::*-${Aws.ACCOUNT_ID}-${Aws.REGION}`;

    // Originals and variants. A gateway endpoint costs nothing, and its addresses are the region's public ones.
    const s3 = vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
    admit(
      s3,
      'Objects',
      ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:DeleteObjectVersion'],
      [`${bucket}/incoming/*`, `${bucket}/derived/*`],
    );
    admit(s3, 'Look', ['s3:ListBucket', 's3:ListBucketVersions'], [bucket]);

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
    admit(
      this.#add('Sqs', InterfaceVpcEndpointAwsService.SQS),
      'Jobs',
      ['sqs:SendMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      [`arn:${partition}:sqs:${here}:*`],
    );
    // Who logs in by IAM signs a token and calls nobody for it.
    if (ownerLogin === 'iam') return;
    // migrate reads the owner's password, which RDS keeps under a name that begins so.
    admit(
      this.#add('SecretsManager', InterfaceVpcEndpointAwsService.SECRETS_MANAGER),
      'OwnersPassword',
      ['secretsmanager:GetSecretValue'],
      [`arn:${partition}:secretsmanager:${here}:secret:rds!*`],
    );
  }

  /** Lets functions in: those of the network's own pipeline, and of another one that stands in its VPC. */
  letIn(functions: ISecurityGroup): void {
    functions.connections.allowTo(this.#group, Port.tcp(443), 'Endpoints');
  }

  /** Lets `process` send events. Only where somebody listens, for this endpoint costs as much as that of SQS. */
  openEvents(): void {
    if (this.#events) return;
    this.#events = true;
    admit(
      this.#add('Events', InterfaceVpcEndpointAwsService.EVENTBRIDGE),
      'ReadyEvents',
      ['events:PutEvents'],
      [`arn:${Stack.of(this).partition}:events:${here}:event-bus/*`],
    );
  }
}

function admit(endpoint: VpcEndpoint, sid: string, actions: string[], resources: string[]): void {
  endpoint.addToPolicy(
    new PolicyStatement({
      sid,
      // A gateway endpoint takes no other; who may is said by the condition.
      principals: [new AnyPrincipal()],
      actions,
      resources,
      conditions: {
        StringEquals: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID, 'aws:ResourceAccount': Aws.ACCOUNT_ID },
      },
    }),
  );
}
