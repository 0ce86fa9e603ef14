import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  EndpointType,
  JsonSchemaType,
  LambdaIntegration,
  LogGroupLogDestination,
  type MethodOptions,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import { binaryMediaTypes, routes } from '../functions/routes.ts';
import { answerWithProblems } from './gateway-responses.ts';

/** What is known of a request without its headers and its full path: no key and no presigned URL is logged. */
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

/** The REST API in front of the `api` function: one resource for each route, all to one function. */
export class ImageApi extends Construct {
  readonly restApi: RestApi;

  constructor(scope: Construct, id: string, { deploy }: ResolvedConfig, target: IFunction) {
    super(scope, id);
    const logs = new LogGroup(this, 'AccessLogs', {
      retention: deploy.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.restApi = new RestApi(this, 'RestApi', {
      description: 'Images in, variants out',
      endpointTypes: [EndpointType.REGIONAL],
      binaryMediaTypes: [...binaryMediaTypes],
      // Without this role of the account's API Gateway writes no access logs.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: deploy.stage,
        throttlingRateLimit: deploy.requestsPerSecond,
        throttlingBurstLimit: deploy.burst,
        accessLogDestination: new LogGroupLogDestination(logs),
        accessLogFormat: accessLog,
        metricsEnabled: true,
      },
    });
    answerWithProblems(this, this.restApi);

    const integration = new LambdaIntegration(target, { allowTestInvoke: false });
    const create = deploy.validateBodies ? this.#validated() : undefined;
    for (const { method, path } of routes)
      this.restApi.root
        .resourceForPath(path)
        .addMethod(method, integration, method === 'POST' ? create : undefined);
  }

  /**
   * The gateway refuses a body that calls itself JSON and is no object before a function is paid for. What is
   * wrong inside it the function says better, with a path for each mistake. An image passes: it has no model.
   */
  #validated(): MethodOptions {
    const model = this.restApi.addModel('TicketRequest', {
      contentType: 'application/json',
      description: 'A JSON object',
      schema: { type: JsonSchemaType.OBJECT },
    });
    const requestValidator = this.restApi.addRequestValidator('Body', { validateRequestBody: true });
    return { requestModels: { 'application/json': model }, requestValidator };
  }
}
