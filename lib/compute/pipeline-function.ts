import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  Architecture,
  type CfnFunction,
  Code,
  type IAlias,
  type IVersion,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { type ILogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { givenVariables } from '../../lambda/runtime/given-variables.ts';
import type { BuiltFunction } from '../bundling/build.ts';
import type { Target } from '../bundling/target.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import type { FunctionNetwork } from '../data/connection.ts';
import type { EncryptionKey } from '../encryption/keys.ts';
import { functionRole } from './function-role.ts';

export interface PipelineFunctionProps {
  config: ResolvedConfig;
  built: BuiltFunction;
  target: Target;
  description: string;
  environment: Record<string, string | undefined>;
  statements: PolicyStatement[];
  logKey: EncryptionKey;
  network?: FunctionNetwork | undefined;
}

/**
 * A built function with its own role and log group. Each deployment that changes it publishes a version; callers invoke
 * the alias `live`, which moves once everything before it succeeded.
 *
 * Old versions stay, because the alias takes seconds to move everywhere and an operator can point it back;
 * CloudFormation would delete them at once. They cost only code storage (75 GB per region, about 12 MB per full
 * deployment) and are deleted with the function. A version whose own deployment fails is removed: Lambda publishes no
 * second one of the same code, so the next deployment would fail.
 */
export class PipelineFunction extends Construct {
  readonly function: LambdaFunction;
  readonly alias: IAlias;
  readonly logGroup: ILogGroup;
  readonly #policy: ManagedPolicy;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    super(scope, id);
    const { config, built, target, network } = props;
    const { timeoutSeconds, memoryMb, maxConcurrency } = built.specification;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: config.deploy.logDays,
      encryptionKey: props.logKey.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.logGroup = logGroup;
    const { role, policy } = functionRole(this, {
      logGroup,
      inNetwork: network !== undefined,
      traced: config.deploy.tracing,
      statements: props.statements,
    });
    this.#policy = policy;
    this.function = new LambdaFunction(this, 'Function', {
      runtime: Runtime.NODEJS_24_X,
      architecture: target.cpu === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      code: Code.fromAsset(built.folder),
      handler: 'index.handler',
      description: props.description,
      timeout: Duration.seconds(timeoutSeconds),
      memorySize: memoryMb,
      ...(maxConcurrency !== undefined && config.deploy.reservedConcurrency
        ? { reservedConcurrentExecutions: maxConcurrency }
        : {}),
      environment: givenVariables(props.environment),
      logGroup,
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
      role,
      ...(network === undefined
        ? {}
        : { vpc: network.vpc, vpcSubnets: network.subnets, securityGroups: network.securityGroups }),
    });
    // Not by `tracing`, which adds a second policy; the role already has the permission.
    if (config.deploy.tracing)
      (this.function.node.defaultChild as CfnFunction).tracingConfig = { mode: 'Active' };
    // The same id for any target. The cast is for the compiler: the class has a getter, the interface an optional field.
    const { versions } = config.deploy;
    const version = versions ? this.function.currentVersion : this.function.latestVersion;
    this.alias = new Alias(this.function, 'Aliaslive', {
      aliasName: 'live',
      version: version as IVersion,
    }) as IAlias;
  }

  /** Adds a permission to the role's one policy. */
  permit(statement: PolicyStatement): void {
    this.#policy.addStatements(statement);
  }
}
