import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  type CfnRestApi,
  EndpointType,
  JsonSchemaType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  type MethodOptions,
  ResponseTransferMode,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type LogGroupProps } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acceptedContentTypes } from '../../lambda/domain/image.ts';
import { jsonMethodsAt, resourcePaths, streamedMethodsAt } from '../../lambda/domain/routes.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import type { EncryptionKey } from '../encryption/keys.ts';
import { pipelineName } from '../naming/pipeline-name.ts';
import { Firewall } from './firewall.ts';
import { GatewayLogRole } from './gateway-log-role.ts';
import { respondWithProblems } from './gateway-responses.ts';

/** Without headers and full paths, so that no key or presigned URL is logged. */
const accessLog = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    time: AccessLogField.contextRequestTime(),
    ip: AccessLogField.contextIdentitySourceIp(),
    method: AccessLogField.contextHttpMethod(),
    resource: AccessLogField.contextResourcePath(),
    status: AccessLogField.contextStatus(),
    bytes: AccessLogField.contextResponseLength(),
    latencyMs: AccessLogField.contextResponseLatency(),
    functionMs: AccessLogField.contextIntegrationLatency(),
    error: AccessLogField.contextErrorMessage(),
  }),
);

/** The functions of the API. */
export interface ApiTargets {
  /** Serves all routes but those that are streamed. */
  api: IFunction;
  /** Streams its responses. */
  stream: IFunction;
}

/** The longest that API Gateway streams a response; buffered ones end after 29 s. */
const longestStream = Duration.minutes(15);

/** The REST API of the `api` function, with a resource for each path. */
export class ImageApi extends Construct {
  readonly restApi: RestApi;
  readonly accessLogs: LogGroup;
  /** Errors of the gateway itself. */
  readonly errorLogs: LogGroup;
  /** Undefined without `deploy.firewall`. */
  readonly firewall: Firewall | undefined;

  constructor(scope: Construct, id: string, config: ResolvedConfig, targets: ApiTargets, key: EncryptionKey) {
    super(scope, id);
    const { deploy } = config;
    const encrypted = {
      retention: deploy.logDays,
      encryptionKey: key.key,
      removalPolicy: RemovalPolicy.DESTROY,
    };
    this.accessLogs = new LogGroup(this, 'AccessLogs', encrypted);
    this.restApi = new RestApi(this, 'RestApi', {
      // A dimension of its metrics; the CDK would name each API "RestApi".
      restApiName: pipelineName(this.node.scope as Construct),
      description: 'Images in, variants out',
      endpointTypes: [EndpointType.REGIONAL],
      // Bodies of these types reach the function as base64, others as text.
      binaryMediaTypes: [...acceptedContentTypes],
      cloudWatchRole: false,
      deployOptions: {
        stageName: deploy.stage,
        throttlingRateLimit: deploy.requestsPerSecond,
        throttlingBurstLimit: deploy.burst,
        accessLogDestination: new LogGroupLogDestination(this.accessLogs),
        accessLogFormat: accessLog,
        // Errors of the gateway itself, without data: headers contain keys.
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        metricsEnabled: true,
        tracingEnabled: deploy.tracing,
      },
    });
    // By default API Gateway still accepts TLS 1.0.
    const resource = this.restApi.node.defaultChild as CfnRestApi;
    resource.securityPolicy = 'SecurityPolicy_TLS13_1_2_2021_06';
    resource.endpointAccessMode = 'BASIC';
    this.errorLogs = this.#logs(config, encrypted, key);
    if (deploy.firewall) this.firewall = new Firewall(this, 'Firewall', config, this.restApi, key);
    respondWithProblems(this, this.restApi);

    // One permission for all methods instead of one each: CloudFormation takes 500 resources in a stack, and a stack may have
    // two pipelines.
    const integration = new LambdaIntegration(targets.api, { scopePermissionToMethod: false });
    const streaming = new LambdaIntegration(targets.stream, {
      allowTestInvoke: false,
      responseTransferMode: ResponseTransferMode.STREAM,
      timeout: longestStream,
    });
    const validated = deploy.validateBodies ? this.#validated() : undefined;
    for (const path of resourcePaths) {
      const resource = this.restApi.root.resourceForPath(path);
      // The function handles OPTIONS, HEAD and, with 405 and Allow, all others; the gateway would report an unknown path.
      resource.addMethod('ANY', integration);
      // A named method takes precedence over ANY.
      for (const method of jsonMethodsAt(path)) resource.addMethod(method, integration, validated);
      if (deploy.responseStreaming)
        for (const method of streamedMethodsAt(path)) resource.addMethod(method, streaming);
    }
  }

  /** Creates the gateway's own log group first: the gateway's would have no key and no retention. Logs need the role. */
  #logs({ deploy }: ResolvedConfig, properties: LogGroupProps, key: EncryptionKey): LogGroup {
    const logGroupName = `API-Gateway-Execution-Logs_${this.restApi.restApiId}/${deploy.stage}`;
    key.forLogGroups(logGroupName);
    const { node } = this.restApi.deploymentStage;
    const logs = new LogGroup(this, 'ErrorLogs', { ...properties, logGroupName });
    node.addDependency(logs);
    if (deploy.gatewayLogRole) node.addDependency(new GatewayLogRole(this, 'LogRole').account);
    return logs;
  }

  /** The gateway refuses JSON bodies that are not objects. The function checks their content, and images have no model. */
  #validated(): MethodOptions {
    const model = this.restApi.addModel('TicketRequest', {
      contentType: 'application/json',
      description: 'A JSON object',
      schema: { type: JsonSchemaType.OBJECT },
    });
    const requestValidator = this.restApi.addRequestValidator('Body', {
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    return { requestModels: { 'application/json': model }, requestValidator };
  }
}
