import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { type ProblemCode, problems } from '../../lambda/domain/problems.ts';
import { ImagePipeline } from '../../lib/image-pipeline.ts';
import { one, text } from './reading.ts';
import { appProps, plain, synthesise, unbuilt } from './synthesis.ts';

const { pipeline } = synthesise();
const all = (type: string) => Object.entries(pipeline.findResources(type));

/** Method and path of each method of the API, from the tree of its resources. */
function methods(): string[] {
  const resources = Object.fromEntries(all('AWS::ApiGateway::Resource'));
  const pathOf = (id: string): string => {
    const resource = resources[id];
    if (resource === undefined) return '';
    const parent = text(resource.Properties.ParentId).slice(1, -1);
    return `${pathOf(parent)}/${resource.Properties.PathPart}`;
  };
  return all('AWS::ApiGateway::Method').map(([, { Properties }]) => {
    const id = text(Properties.ResourceId).slice(1, -1);
    return `${Properties.HttpMethod} ${pathOf(id) || '/'}`;
  });
}

describe('the REST API', () => {
  it('the REST API has exactly the paths of the contract and passes every method on', () => {
    expect(methods().sort()).toEqual(
      [
        'ANY /',
        'ANY /console/{proxy+}',
        'ANY /health',
        'ANY /v1/exports',
        'ANY /v1/exports/images.csv',
        'ANY /v1/exports/{export}',
        'ANY /v1/images',
        'ANY /v1/images/{id}',
        'ANY /v1/images/{id}/events',
        'ANY /v1/presets',
        'ANY /v1/tickets',
        'ANY /v1/usage',
        'ANY /v1/webhooks',
        'ANY /v1/webhooks/{webhook}',
        'ANY /v1/webhooks/{webhook}/deliveries',
        'ANY /v1/webhooks/{webhook}/deliveries/{delivery}/replay',
        'ANY /v1/webhooks/{webhook}/replay',
        'ANY /v1/webhooks/{webhook}/resume',
        'ANY /v1/webhooks/{webhook}/rotate',
        'ANY /v1/webhooks/{webhook}/test',
        // In addition to ANY, for their validator.
        'PATCH /v1/images/{id}',
        'PATCH /v1/webhooks/{webhook}',
        'POST /v1/webhooks',
        'POST /v1/webhooks/{webhook}/rotate',
        'POST /v1/exports',
        'POST /v1/images',
        'POST /v1/tickets',
        // Streamed.
        'GET /v1/exports/images.csv',
      ].sort(),
    );
  });

  it('the REST API invokes the live version of api', () => {
    const api = one(pipeline, 'AWS::Lambda::Alias', 'Functionsapi').id;
    for (const [, { Properties }] of all('AWS::ApiGateway::Method')) {
      if (Properties.HttpMethod === 'GET') continue;
      expect(Properties.Integration).toMatchObject({ Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST' });
      expect(text(Properties.Integration.Uri)).toContain(`<${api}>`);
    }
  });

  it('the export is streamed by the live version of its function for up to 15 minutes', () => {
    const streamed = all('AWS::ApiGateway::Method').filter(
      ([, { Properties }]) => Properties.HttpMethod === 'GET',
    );
    expect(streamed).toHaveLength(1);
    const Integration = streamed[0]?.[1].Properties.Integration as Record<string, unknown>;
    expect(Integration).toMatchObject({
      Type: 'AWS_PROXY',
      ResponseTransferMode: 'STREAM',
      TimeoutInMillis: 900_000,
    });
    const alias = one(pipeline, 'AWS::Lambda::Alias', 'FunctionsexportFunction').id;
    expect(text(Integration.Uri)).toContain(`2021-11-15/functions/<${alias}>/response-streaming-invocations`);
    expect(one(pipeline, 'AWS::Lambda::Function', 'FunctionsexportFunction').Properties).toMatchObject({
      Timeout: 900,
      ReservedConcurrentExecutions: 2,
    });
  });

  it('without response streaming the API function tells that there is none', () => {
    const { pipeline: buffered } = synthesise({ deploy: { responseStreaming: false } });
    const all = Object.values(buffered.findResources('AWS::ApiGateway::Method'));
    expect(all.filter(({ Properties }) => Properties.HttpMethod === 'GET')).toEqual([]);
    expect(JSON.stringify(all)).not.toContain('STREAM');
  });

  it('the REST API passes images on as bytes', () => {
    expect(one(pipeline, 'AWS::ApiGateway::RestApi').Properties.BinaryMediaTypes).toEqual([
      'image/jpeg',
      'image/png',
      'image/webp',
      'image/gif',
      'image/tiff',
      'image/avif',
    ]);
  });

  it('the REST API rejects a JSON body that is not an object', () => {
    const validator = one(pipeline, 'AWS::ApiGateway::RequestValidator');
    const model = one(pipeline, 'AWS::ApiGateway::Model');
    expect(validator.Properties.ValidateRequestBody).toBe(true);
    expect(model.Properties).toMatchObject({ ContentType: 'application/json', Schema: { type: 'object' } });
    for (const method of ['imagesPOST', 'ticketsPOST'])
      expect(one(pipeline, 'AWS::ApiGateway::Method', method).Properties).toMatchObject({
        RequestValidatorId: { Ref: validator.id },
        RequestModels: { 'application/json': { Ref: model.id } },
      });
  });

  it('the stage of the REST API is throttled', () => {
    const { pipeline } = synthesise({ deploy: { requestsPerSecond: 50, burst: 7 } });
    expect(one(pipeline, 'AWS::ApiGateway::Stage').Properties.MethodSettings).toEqual([
      expect.objectContaining({
        HttpMethod: '*',
        ResourcePath: '/*',
        ThrottlingRateLimit: 50,
        ThrottlingBurstLimit: 7,
        DataTraceEnabled: false,
      }),
    ]);
  });
});

describe('the access log of the gateway', () => {
  const { AccessLogSetting } = one(pipeline, 'AWS::ApiGateway::Stage').Properties as {
    AccessLogSetting: { DestinationArn: unknown; Format: string };
  };

  it('the access log goes to a log group', () => {
    const { id } = one(pipeline, 'AWS::Logs::LogGroup', 'AccessLogs');
    expect(text(AccessLogSetting.DestinationArn)).toContain(id);
  });

  it('the access log is JSON without keys, headers or full paths', () => {
    expect(Object.keys(JSON.parse(AccessLogSetting.Format))).toContain('requestId');
    expect(AccessLogSetting.Format).not.toMatch(/authori[sz]|header|context\.path|querystring/i);
  });
});

describe('the gateway', () => {
  const stage = one(pipeline, 'AWS::ApiGateway::Stage');

  it('the gateway accepts TLS 1.2 and newer only', () => {
    expect(one(pipeline, 'AWS::ApiGateway::RestApi').Properties).toMatchObject({
      SecurityPolicy: 'SecurityPolicy_TLS13_1_2_2021_06',
      EndpointAccessMode: 'BASIC',
    });
  });

  it('the gateway logs errors, but no requests, to a log group that exists before it', () => {
    const logs = one(pipeline, 'AWS::Logs::LogGroup', 'ErrorLogs');
    const api = one(pipeline, 'AWS::ApiGateway::RestApi').id;
    expect(text(logs.Properties.LogGroupName)).toBe(`API-Gateway-Execution-Logs_<${api}>/prod`);
    expect(stage.DependsOn).toContain(logs.id);
    expect(stage.Properties.MethodSettings).toMatchObject([
      { LoggingLevel: 'ERROR', DataTraceEnabled: false },
    ]);
  });

  it('the gateway traces requests by default', () => {
    expect(stage.Properties.TracingEnabled).toBe(true);
    const { pipeline: untraced } = synthesise({ deploy: { tracing: false } });
    expect(one(untraced, 'AWS::ApiGateway::Stage').Properties.TracingEnabled).toBe(false);
  });

  it('the gateway has its role for logs, which is retained, before it writes any', () => {
    const account = one(pipeline, 'AWS::ApiGateway::Account');
    expect(account.DeletionPolicy).toBe('RetainExceptOnCreate');
    expect(one(pipeline, 'AWS::IAM::Role', 'LogRole').DeletionPolicy).toBe('RetainExceptOnCreate');
    expect(one(pipeline, 'AWS::IAM::ManagedPolicy', 'LogRole').DeletionPolicy).toBe('RetainExceptOnCreate');
    expect(stage.DependsOn).toContain(account.id);
  });

  it('the API is named after its pipeline, because its metrics use the name', () => {
    const { Name } = one(pipeline, 'AWS::ApiGateway::RestApi').Properties;
    expect(Name).toMatch(/^SluiceProdPipeline-Images-/);
    const other = synthesise({}, {}, 'dev').pipeline;
    expect(one(other, 'AWS::ApiGateway::RestApi').Properties.Name).toMatch(/^SluiceDevPipeline-Images-/);
    const stack = new Stack(new App(appProps()), 'Shop');
    const shared = { config: plain, functions: unbuilt(plain) };
    for (const id of ['Photos', 'Portraits']) new ImagePipeline(stack, id, shared);
    const names = Object.values(Template.fromStack(stack).findResources('AWS::ApiGateway::RestApi')).map(
      ({ Properties }) => String(Properties.Name),
    );
    expect(names.map((name) => name.replace(/-\w+$/, ''))).toEqual(['Shop-Photos', 'Shop-Portraits']);
  });

  it('with gatewayLogRole: false the account’s role stays unchanged', () => {
    const { pipeline } = synthesise({ deploy: { gatewayLogRole: false } });
    pipeline.resourceCountIs('AWS::ApiGateway::Account', 0);
    expect(Object.keys(pipeline.findResources('AWS::IAM::Role')).join()).not.toContain('LogRole');
  });
});

describe('the gateway’s own responses', () => {
  const answers = all('AWS::ApiGateway::GatewayResponse').map(([, { Properties }]) => ({
    type: Properties.ResponseType as string,
    status: Number(Properties.StatusCode),
    headers: Properties.ResponseParameters as Record<string, string>,
    body: JSON.parse(Properties.ResponseTemplates['application/json']) as Record<string, unknown>,
  }));
  const answer = (type: string) => answers.find((one) => one.type === type);

  it.each(answers.map((one) => [one.type, one] as const))(
    'gateway response %s is a problem document',
    (_, { headers, body }) => {
      expect(headers['gatewayresponse.header.Content-Type']).toBe("'application/problem+json'");
      expect(headers['gatewayresponse.header.Access-Control-Allow-Origin']).toBe("'*'");
      expect(headers['gatewayresponse.header.Access-Control-Expose-Headers']).toContain('Retry-After');
      expect(body).toMatchObject({
        type: `urn:sluice:problem:${body.code}`,
        title: expect.any(String),
        detail: expect.any(String),
        instance: 'urn:sluice:request:$context.requestId',
      });
    },
  );

  it('the gateway’s own responses have codes of the API with their statuses', () => {
    for (const { status, body } of answers.filter((one) => !Number.isNaN(one.status)))
      expect(problems[body.code as ProblemCode]).toMatchObject({ status });
    expect(answers.filter(({ body }) => !((body.code as string) in problems))).toEqual([]);
  });

  it.each([
    ['MISSING_AUTHENTICATION_TOKEN', 404],
    ['BAD_REQUEST_BODY', 400],
    ['REQUEST_TOO_LARGE', 413],
    ['UNSUPPORTED_MEDIA_TYPE', 415],
    ['THROTTLED', 429],
    ['INTEGRATION_FAILURE', 503],
    ['INTEGRATION_TIMEOUT', 503],
    ['DEFAULT_5XX', 503],
  ])('gateway response %s has status %i, also in the document', (type, status) => {
    expect(answer(type)).toMatchObject({ status, body: { status } });
  });

  it.each(['INTEGRATION_FAILURE', 'INTEGRATION_TIMEOUT', 'DEFAULT_5XX'])(
    'gateway response %s is unavailable, because a crash implies no overload',
    (type) => expect(answer(type)?.body.code).toBe('unavailable'),
  );

  it.each(['THROTTLED', 'INTEGRATION_FAILURE', 'INTEGRATION_TIMEOUT', 'DEFAULT_5XX'])(
    'gateway response %s has a Retry-After',
    (type) => {
      expect(answer(type)?.headers['gatewayresponse.header.Retry-After']).toMatch(/^'\d+'$/);
    },
  );
});
