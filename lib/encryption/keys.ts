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

/** Key administration without decryption, for the principals that IAM allows, CloudFormation among them. */
const administration = [
  ...['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:GetKeyRotationStatus', 'kms:ListKeyPolicies'],
  ...['kms:ListKeyRotations', 'kms:ListGrants', 'kms:ListResourceTags', 'kms:PutKeyPolicy'],
  ...['kms:EnableKey', 'kms:DisableKey', 'kms:EnableKeyRotation', 'kms:DisableKeyRotation'],
  ...['kms:RotateKeyOnDemand', 'kms:UpdateKeyDescription', 'kms:TagResource', 'kms:UntagResource'],
  ...['kms:CreateAlias', 'kms:UpdateAlias', 'kms:DeleteAlias', 'kms:RevokeGrant'],
  ...['kms:ScheduleKeyDeletion', 'kms:CancelKeyDeletion'],
];

/** What CloudWatch Logs needs for a log group's key, with `ReEncrypt*` and `GenerateDataKey*` listed by name. */
const logging = [
  ...['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:DescribeKey'],
  ...['kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext'],
];

export interface EncryptionKeyProps {
  description: string;
  removal: ResolvedConfig['deploy']['removal'];
  /** Roles that IAM allows to use the key can do so through this service only. */
  service?: 's3' | 'sqs';
  /** An existing key to use instead. It keeps its policy; missing statements are added where possible. */
  existing?: IKey | undefined;
}

/**
 * A KMS key that rotates every year. Its policy lets the account manage it, instead of AWS's default `kms:*` for every
 * principal that IAM allows. It names no role, so that roles can refer to the key.
 */
export class EncryptionKey extends Construct {
  readonly key: IKey;
  readonly #existing: boolean;
  readonly #logGroups: string[] = [];
  #usedByRules = false;

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
        // The minimum of KMS.
        ...(removal === 'retain' ? {} : { pendingWindow: Duration.days(7) }),
      });
    if (service === undefined) return;
    this.#add('Use', new AccountRootPrincipal(), ['kms:Decrypt', 'kms:GenerateDataKey'], {
      StringEquals: { 'kms:ViaService': this.#regional(service) },
    });
  }

  /** Allows CloudWatch Logs to use the key for log groups of this name, which may end in `*`. */
  forLogGroups(name: string): void {
    this.#logGroups.push(this.#logGroup(name));
    if (this.#logGroups.length > 1) return;
    // An existing key may belong to another stack, which must not depend on names of this one.
    const names = this.#existing ? [this.#logGroup('*')] : Lazy.list({ produce: () => this.#logGroups });
    this.#add('Log', new ServicePrincipal(this.#regional('logs')), logging, {
      ArnLike: { 'kms:EncryptionContext:aws:logs:arn': names },
    });
  }

  /** Allows it for the log groups that CloudFormation named, which begin with the stack's name. */
  forLogGroupsOfStack(): void {
    this.forLogGroups(`${Stack.of(this).stackName}-*`);
  }

  /** Allows EventBridge to send to queues that the key encrypts, by rules of this account. */
  forRules(): void {
    if (this.#usedByRules) return;
    this.#usedByRules = true;
    // Not by the rule's ARN: the rule depends on its queue, and the queue on the key.
    this.#add('Rules', new ServicePrincipal('events.amazonaws.com'), ['kms:Decrypt', 'kms:GenerateDataKey'], {
      StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
    });
  }

  /** An existing key may already have statements with the same ids, of another pipeline: those get no id. */
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

/** In a key policy, `*` means the key itself. */
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
  existing?: IKey | undefined;
  /** Whether the pipeline creates the bucket; an existing bucket has its own key. */
  ownBucket?: boolean;
}

/**
 * The two keys of a pipeline: `images` for the bucket, `messages` for queues and log groups. Operators who read queues and
 * logs cannot read images, unless one existing key serves both.
 */
export class PipelineKeys extends Construct {
  /** Undefined for an existing bucket. */
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
