import type { FunctionDefinition } from './definition.ts';

export const region = 'us-east-1';
export const account = '000000000000';

/** The environment variables of an execution environment: those that Lambda sets, and the function's. */
export function environmentVariables(
  definition: FunctionDefinition,
  place: { runtimeApi: string; temporary: string; compileCache: string; logStream: string },
): Record<string, string> {
  const { name, memoryMb, folder } = definition;
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: place.logStream,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    NODE_COMPILE_CACHE: place.compileCache,
    ...definition.environment,
    AWS_LAMBDA_RUNTIME_API: place.runtimeApi,
    LAMBDA_TASK_ROOT: folder,
    LAMBDA_RUNTIME_DIR: import.meta.dirname,
    _HANDLER: 'index.handler',
    TMPDIR: place.temporary,
  };
}

export function functionArn(name: string): string {
  return `arn:aws:lambda:${region}:${account}:function:${name}`;
}
