import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type EnvironmentOf, type FunctionName, givenVariables } from '../../lambda/runtime/environment.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import type { FunctionNetwork } from '../data/connection.ts';
import type { BuiltFunction } from '../functions/build.ts';
import type { Target } from '../functions/target.ts';
import { functionRole } from './function-role.ts';

export interface PipelineFunctionProps<Name extends FunctionName> {
  config: ResolvedConfig;
  built: BuiltFunction;
  target: Target;
  description: string;
  /** Typed by the schema that the function reads it with: a forgotten variable does not compile. */
  environment: EnvironmentOf<Name>;
  statements: PolicyStatement[];
  network?: FunctionNetwork | undefined;
}

/** One function as it was built, with a role and a log group of its own. */
export class PipelineFunction<Name extends FunctionName> extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps<Name>) {
    super(scope, id);
    const { config, built, target, network } = props;
    const { timeoutSeconds, memoryMb, maxConcurrency } = built.specification;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: config.deploy.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
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
      role: functionRole(this, logGroup, network !== undefined, props.statements),
      ...(network === undefined
        ? {}
        : { vpc: network.vpc, vpcSubnets: network.subnets, securityGroups: network.securityGroups }),
    });
  }
}
