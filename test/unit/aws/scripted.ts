import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type StorageClient, storageClient } from '../../../lambda/aws/storage-client.ts';

export interface ScriptedRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Of the client: equal for calls on one connection. */
  port: number | undefined;
}
export interface Script {
  /** Default 200. */
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Breaks the connection instead of a response. */
  broken?: boolean;
  /** Breaks it after the body, which is shorter than its `content-length`. */
  cut?: boolean;
}

/** A server of HTTP that responds as a test wants, and our client for it. Closed with the test. */
export async function scripted(
  respond: (request: ScriptedRequest, count: number) => Script,
  options: { maxAttempts?: number } = {},
): Promise<{ endpoint: string; client: StorageClient; requests: ScriptedRequest[] }> {
  const requests: ScriptedRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://scripted');
    const body = Buffer.concat(await incoming.toArray());
    const { method = '', headers } = incoming;
    const request = {
      method,
      path: pathname,
      query: searchParams,
      headers,
      body,
      port: incoming.socket.remotePort,
    };
    requests.push(request);
    const script = respond(request, requests.length);
    if (script.broken === true) incoming.socket.destroy();
    else if (script.cut === true)
      outgoing.writeHead(200, script.headers).write(script.body ?? '', () => incoming.socket.destroy());
    else outgoing.writeHead(script.status ?? 200, script.headers).end(script.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = storageClient({ endpoint, ...options });
  onTestFinished(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { endpoint, client, requests };
}
