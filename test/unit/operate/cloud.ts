import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A function: its result, or its error. */
export type Invoke = (event: object, name: string) => Promise<unknown>;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

/**
 * The part of AWS that the command uses: CloudFormation with stacks by the value of their output OperateFunction, and
 * Lambda with functions at the alias `live`. Protocols as AWS documents them: Query with XML, and REST with JSON.
 */
export async function openCloud(stacks: Record<string, string | undefined>, invoke: Invoke) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const invoked = /^\/2015-03-31\/functions\/([^/]+)\/invocations\?Qualifier=(\w+)$/.exec(
      request.url ?? '',
    );
    asked.push(invoked === null ? body : (request.url ?? ''));
    if (invoked === null) {
      const name = new URLSearchParams(body).get('StackName') ?? '';
      const known = name in stacks;
      response.writeHead(known ? 200 : 400, { 'Content-Type': 'text/xml' });
      response.end(known ? described(name, stacks[name]) : unknown(name));
      return;
    }
    const [, name] = invoked;
    if (name === 'busy') {
      response.writeHead(429, {
        'Content-Type': 'application/json',
        'x-amzn-ErrorType': 'TooManyRequestsException',
      });
      response.end(
        JSON.stringify({
          Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
          message: 'Rate Exceeded.',
        }),
      );
      return;
    }
    try {
      response.end(JSON.stringify(await invoke(JSON.parse(body) as object, name ?? '')));
    } catch (error) {
      const { name: errorType, message: errorMessage } = error as Error;
      response.setHeader('X-Amz-Function-Error', 'Unhandled');
      response.end(JSON.stringify({ errorType, errorMessage, trace: [] }));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => server.close(),
  };
}

function described(name: string, output: string | undefined): string {
  const outputs =
    output === undefined
      ? ''
      : Object.entries({ MigrateFunction: 'migrate', OperateFunction: output })
          .map(
            ([key, value]) =>
              `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
          )
          .join('');
  return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>
    <member><StackName>${name}</StackName><StackStatus>CREATE_COMPLETE</StackStatus>
    <CreationTime>2026-11-01T10:00:00Z</CreationTime><Outputs>${outputs}</Outputs></member>
    </Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}

function unknown(name: string): string {
  return `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>
    <Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message></Error></ErrorResponse>`;
}
