import { ArnFormat, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  type IPrincipal,
  PolicyDocument,
  PolicyStatement,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';

/** Whoever IAM lets do these may look after the key, and read nothing with it. CloudFormation is one of them. */
const administration = [
  ...['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:GetKeyRotationStatus', 'kms:ListKeyPolicies'],
  ...['kms:ListKeyRotations', 'kms:ListGrants', 'kms:ListResourceTags', 'kms:PutKeyPolicy'],
  ...['kms:EnableKey', 'kms:DisableKey', 'kms:EnableKeyRotation', 'kms:DisableKeyRotation'],
  ...['kms:RotateKeyOnDemand', 'kms:UpdateKeyDescription', 'kms:TagResource', 'kms:UntagResource'],
  ...['kms:CreateAlias', 'kms:UpdateAlias', 'kms:DeleteAlias', 'kms:RevokeGrant'],
  ...['kms:ScheduleKeyDeletion', 'kms:CancelKeyDeletion'],
];

/** What CloudWatch Logs does with the key of a log group, its `ReEncrypt*` and `GenerateDataKey*` spelled out. */
const logging = [
  ...['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:DescribeKey'],
  ...['kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext'],
];

export interface EncryptionKeyProps {
  description: string;
  removal: ResolvedConfig['deploy']['removal'];
  /** The service in front of it: a role that IAM allows the key may use it through this service only. */
  service?: 's3' | 'sqs';
  /** One that was there before, which is used instead. It keeps its policy; what is missing is added where it can be. */
  existing?: IKey | undefined;
}

/**
 * A key of KMS that rotates every year. Its policy leaves the account to manage it and not, as AWS's own default does,
 * everything (`kms:*`) to whom IAM allows it. It names no role, so that roles may name the key.
 */
export class EncryptionKey extends Construct {
  readonly key: IKey;
  readonly #existing: boolean;
  readonly #logGroups: string[] = [];

  constructor(scope: Construct, id: string, { description, removal, service, existing }: EncryptionKeyProps) {
    super(scope, id);
    this.#existing = existing !== undefined;
    this.key =
      existing ??
      new Key(this, 'Key', {
        description,
        enableKeyRotation: true,
        policy: new PolicyDocument({
          statements: [statement('Manage', new AccountRootPrincipal(), administration)],
        }),
        removalPolicy:
          removal === 'retain' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
        // The least that KMS grants for second thoughts.
        ...(removal === 'retain' ? {} : { pendingWindow: Duration.days(7) }),
      });
    if (service === undefined) return;
    this.#add('Use', new AccountRootPrincipal(), ['kms:Decrypt', 'kms:GenerateDataKey'], {
      StringEquals: { 'kms:ViaService': this.#regional(service) },
    });
  }

  /** Lets CloudWatch Logs use the key for log groups of this name, which may end in `*`, and for no others. */
  forLogGroups(name: string): void {
    this.#logGroups.push(this.#logGroup(name));
    if (this.#logGroups.length > 1) return;
    // A key that was there before may be of another stack, which must not need the names of this one.
    const names = this.#existing ? [this.#logGroup('*')] : Lazy.list({ produce: () => this.#logGroups });
    this.#add('Log', new ServicePrincipal(this.#regional('logs')), logging, {
      ArnLike: { 'kms:EncryptionContext:aws:logs:arn': names },
    });
  }

  /** Lets it for the log groups of this stack that CloudFormation named, which begin with the stack's name. */
  forLogGroupsOfStack(): void {
    this.forLogGroups(`${Stack.of(this).stackName}-*`);
  }

  /** A key that was there before has statements of others too, of other pipelines with the same ids. */
  #add(
    sid: string,
    principal: IPrincipal,
    actions: readonly string[],
    conditions: Record<string, Record<string, unknown>>,
  ): void {
    const named = this.#existing ? undefined : sid;
    this.key.addToResourcePolicy(statement(named, principal, actions, conditions), true);
  }

  #logGroup(name: string): string {
    return Stack.of(this).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: name,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  #regional(service: string): string {
    const { region, urlSuffix } = Stack.of(this);
    return `${service}.${region}.${urlSuffix}`;
  }
}

/** In a key's policy the resource is the key, however it is written. */
function statement(
  sid: string | undefined,
  principal: IPrincipal,
  actions: readonly string[],
  conditions: Record<string, Record<string, unknown>> = {},
): PolicyStatement {
  return new PolicyStatement({
    ...(sid === undefined ? {} : { sid }),
    principals: [principal],
    actions: [...actions],
    resources: ['*'],
    conditions,
  });
}

export interface PipelineKeysProps {
  /** One for both that was there before. */
  existing?: IKey | undefined;
  /** Whether the bucket is the pipeline's own; another one has its own key. */
  ownBucket?: boolean;
}

/**
 * The two keys of a pipeline: `images` for the bucket, `messages` for queues and log groups. Whoever looks after queues
 * and reads logs can read no image, unless both are one that was there before.
 */
export class PipelineKeys extends Construct {
  /** Undefined where the bucket is not the pipeline's own. */
  readonly images: EncryptionKey | undefined;
  readonly messages: EncryptionKey;

  constructor(
    scope: Construct,
    id: string,
    { deploy: { removal } }: ResolvedConfig,
    { existing, ownBucket = true }: PipelineKeysProps = {},
  ) {
    super(scope, id);
    if (ownBucket)
      this.images = new EncryptionKey(this, 'Images', {
        description: 'Sluice: originals and variants',
        removal,
        service: 's3',
        existing,
      });
    this.messages = new EncryptionKey(this, 'Messages', {
      description: 'Sluice: queues and log groups',
      removal,
      service: 'sqs',
      existing,
    });
    this.messages.forLogGroupsOfStack();
  }
}
