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
import type { BuiltFunction } from '../build/build.ts';
import type { Target } from '../build/target.ts';
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
  /** Encrypts its log group. */
  logKey: EncryptionKey;
  network?: FunctionNetwork | undefined;
}

/**
 * One function as it was built, with a role and a log group of its own. Each deploy that changes it publishes a
 * version; whatever invokes it invokes the alias `live`, which moves to the new version when everything before it
 * went well.
 *
 * Old versions stay. The alias moves everywhere only within seconds: what is under way on the old version, or still
 * arrives there, must find it, and an operator can point the alias back. CloudFormation would delete it at once.
 * They cost nothing but code storage (75 GB in a region, a deploy of everything takes about 12 MB) and go with the
 * function. A version whose own deploy fails does not stay: Lambda would publish no second one of the same code, and
 * the next deploy would fail.
 */
export class PipelineFunction extends Construct {
  readonly function: LambdaFunction;
  /** What to invoke. */
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
    // Not by `tracing`, which gives the role a second policy; its right is among those of the role.
    if (config.deploy.tracing)
      (this.function.node.defaultChild as CfnFunction).tracingConfig = { mode: 'Active' };
    // Under one id, whatever it points at. The class has a getter where the interface has an optional field: the same to
    // everybody but this compiler.
    const { versions } = config.deploy;
    const version = versions ? this.function.currentVersion : this.function.latestVersion;
    this.alias = new Alias(this.function, 'Aliaslive', {
      aliasName: 'live',
      version: version as IVersion,
    }) as IAlias;
  }

  /** One more right, in the one policy of its role. */
  permit(statement: PolicyStatement): void {
    this.#policy.addStatements(statement);
  }
}
