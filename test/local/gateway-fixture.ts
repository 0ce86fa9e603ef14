import type { APIGatewayProxyEvent } from 'aws-lambda';
import { expect, onTestFinished } from 'vitest';
import { type Backend, type RunningGateway, startGateway } from '../../local/gateway/gateway.ts';

type Answer = object | string | (() => never);

/** A gateway whose function returns the given response and keeps the events. */
export async function open(
  answer: Answer | ((event: APIGatewayProxyEvent) => Answer | Promise<Answer>),
  concurrency = 4,
) {
  const events: APIGatewayProxyEvent[] = [];
  const trouble: string[] = [];
  const gateway = await start({ concurrency, onTrouble: (line) => trouble.push(line) });
  const invoke: Backend['invoke'] = async (event) => {
    events.push(event as APIGatewayProxyEvent);
    const given = typeof answer === 'function' ? await answer(event as APIGatewayProxyEvent) : answer;
    const payload = typeof given === 'string' ? given : JSON.stringify(given);
    return { ok: true, requestId: 'r', payload };
  };
  gateway.open({ apiKey: 'sluice_key', invoke, stream: invoke });
  return { gateway, events, trouble };
}

/** A gateway that closes after the test and does not respond yet. */
export async function start(
  options: Partial<Parameters<typeof startGateway>[0]> = {},
): Promise<RunningGateway> {
  const gateway = await startGateway({
    port: 0,
    concurrency: 4,
    onTrouble: () => undefined,
    ...options,
  });
  onTestFinished(() => gateway.close());
  return gateway;
}

/** The minimum response of a function. */
export const fine = { statusCode: 200, body: '{}' };

/** Status, code and x-amzn-errortype of a response that must be a problem document. */
export async function problemOf(response: Response): Promise<[number, string, string | null]> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = (await response.json()) as { status: number; code: string; instance: string };
  expect(problem.status).toBe(response.status);
  expect(problem.instance).toMatch(/^urn:sluice:request:/);
  return [response.status, problem.code, response.headers.get('x-amzn-errortype')];
}
