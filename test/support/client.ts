import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { patience, waiting } from './pace.ts';

/** A client of the API: plain HTTP, without code of Sluice. */

export interface ImageResponse {
  id: string;
  status: string;
  updatedAt: string;
  original: {
    contentType: string | null;
    bytes: number | null;
    width: number | null;
    height: number | null;
    frames: number | null;
  };
  placeholder: { color: string; thumbhash?: string; blurhash?: string } | null;
  variants: {
    preset: string;
    format: string;
    contentType: string;
    width: number;
    height: number;
    frames: number;
    bytes: number;
    sha256: string;
    url: string;
  }[];
  error?: { code: string; detail: string };
}
export interface TicketResponse {
  id: string;
  status: string;
  upload: { url: string; fields: Record<string, string>; expiresAt: string };
}

interface Call {
  body?: string | Uint8Array;
  headers?: Record<string, string>;
}

const terminal = new Set(['ready', 'rejected', 'failed', 'expired', 'superseded']);

export function openClient(url: string, apiKey: string) {
  const authorization = `Bearer ${apiKey}`;
  const client = {
    /** Any call, with the key and the given headers. */
    call(method: string, path: string, init: Call = {}) {
      const { body, headers } = init;
      return fetch(url + path, {
        method,
        headers: { authorization, ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Blob([body.slice()]) }),
      });
    },
    /** The same with retries as a busy server requests, and one Idempotency-Key for all of them. */
    async callPatiently(method: string, path: string, init: Call = {}): Promise<Response> {
      const headers = { 'idempotency-key': randomUUID(), ...init.headers };
      for (let tries = 1; ; tries++) {
        const response = await client.call(method, path, { ...init, headers });
        const wait = response.headers.get('retry-after');
        if (![409, 429, 503].includes(response.status) || wait === null || tries === 10) return response;
        await response.body?.cancel();
        await pause(Number(wait) * 1000);
      }
    },
    async ticket(
      contentType: string,
      bytes: number,
      more: Record<string, unknown> = {},
    ): Promise<TicketResponse> {
      const response = await client.callPatiently('POST', '/v1/images', {
        body: JSON.stringify({ contentType, bytes, ...more }),
        headers: { 'content-type': 'application/json' },
      });
      if (response.status !== 201) throw new Error(`ticket: ${response.status} ${await response.text()}`);
      return (await response.json()) as TicketResponse;
    },
    /** Sends the file with its ticket. @returns the bucket's status and text */
    async post(ticket: TicketResponse, file: Uint8Array): Promise<{ status: number; text: string }> {
      const form = new FormData();
      for (const [name, value] of Object.entries(ticket.upload.fields)) form.append(name, value);
      form.append('file', new Blob([file.slice()]));
      const response = await fetch(ticket.upload.url, { method: 'POST', body: form });
      return { status: response.status, text: await response.text() };
    },
    /** Ticket and presigned POST in one. @returns the image's id */
    async upload(
      file: Uint8Array,
      contentType = 'image/jpeg',
      more: Record<string, unknown> = {},
    ): Promise<string> {
      const ticket = await client.ticket(contentType, file.length, more);
      const { status, text } = await client.post(ticket, file);
      if (status !== 204) throw new Error(`presigned POST: ${status} ${text}`);
      return ticket.id;
    },
    /** The image as the body of the request. @returns the image's id */
    async direct(file: Uint8Array, contentType = 'image/jpeg'): Promise<string> {
      const response = await client.callPatiently('POST', '/v1/images', {
        body: file,
        headers: { 'content-type': contentType },
      });
      if (response.status !== 202) throw new Error(`direct: ${response.status} ${await response.text()}`);
      return ((await response.json()) as { id: string }).id;
    },
    async get(id: string): Promise<ImageResponse> {
      const response = await client.callPatiently('GET', `/v1/images/${id}`);
      if (response.status !== 200) throw new Error(`get: ${response.status} ${await response.text()}`);
      return (await response.json()) as ImageResponse;
    },
    /** Polls with growing pauses until the image is in a final state. Fails with the last one after `withinMs` of a quiet machine. */
    async finished(id: string, withinMs = 60_000): Promise<ImageResponse> {
      const isOver = waiting(withinMs);
      for (let between = 50; ; between = Math.min(1000, between * 1.5)) {
        const image = await client.get(id);
        if (terminal.has(image.status)) return image;
        if (isOver()) throw new Error(`${id} is still ${image.status} after ${patience(withinMs)} ms`);
        await pause(between);
      }
    },
  };
  return client;
}
export type Client = ReturnType<typeof openClient>;
