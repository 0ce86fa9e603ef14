import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { webhookUrlMistake } from '../addresses/webhook-url.ts';
import { type CallFault, type CallOutcome, callSeconds, responseBytes } from '../domain/webhook.ts';
import { AddressRefused, checkedLookup, NameNotResolved } from './checked-lookup.ts';
import { askNameServers, askSystem, type ResolveAll } from './resolve.ts';

/** Makes a call. Never throws. */
export type Call = (
  request: { url: string; headers: Record<string, string>; body: string },
  signal?: AbortSignal,
) => Promise<CallOutcome>;

export interface CallOptions {
  /** Allows private addresses, for tests and the local runner. */
  allowPrivate: boolean;
  /** Default: by name servers; by the system where private addresses are allowed, whose names its hosts file may have. */
  resolve?: ResolveAll;
  /** For the whole call. Default: 10 s. */
  withinMs?: number;
  /** For the body of a response, whose status has decided already. Default: 1 s. */
  bodyMs?: number;
}

/**
 * Calls endpoints by POST. Each call has a connection of its own, to addresses that were checked; redirects are not
 * followed, and of the response only the status and Retry-After count: its body is read up to 16 kB and discarded, so
 * that nothing of it can be read through the API.
 */
export function openCaller(options: CallOptions): Call {
  const { allowPrivate, withinMs = 1_000 * callSeconds, bodyMs = 1_000 } = options;
  const resolve = options.resolve ?? (allowPrivate ? askSystem : askNameServers());
  return ({ url, headers, body }, signal) => {
    const mistake = webhookUrlMistake(url, { allowPrivate });
    if (mistake !== undefined) return Promise.resolve({ kind: 'fault', fault: 'address_refused' });
    const over = new AbortController();
    const lookup = checkedLookup(resolve, { allowPrivate, signal: over.signal });
    const request = httpsRequest(url, { method: 'POST', headers, agent: false, lookup });
    const outcome = outcomeOf(request, { withinMs, bodyMs, signal });
    request.end(body);
    return outcome.finally(() => over.abort());
  };
}

interface Limits {
  withinMs: number;
  bodyMs: number;
  signal: AbortSignal | undefined;
}

function outcomeOf(request: ClientRequest, { withinMs, bodyMs, signal }: Limits): Promise<CallOutcome> {
  return new Promise((resolve) => {
    let phase: CallFault = 'not_connected';
    let responded = false;
    const stop = () => {
      phase = 'timed_out';
      request.destroy();
    };
    const timer = setTimeout(stop, withinMs);
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    request.on('socket', (socket: TLSSocket) => {
      socket.once('connect', () => {
        phase = 'tls_failed';
      });
      socket.once('secureConnect', () => {
        phase = 'connection_lost';
      });
    });
    const settle = (outcome: CallOutcome) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      resolve(outcome);
    };
    // A request that is destroyed ends without an error.
    const lost = () => settle({ kind: 'fault', fault: phase });
    request.once('close', lost);
    request.once('response', async (response) => {
      // The status has decided, whatever becomes of the body.
      responded = true;
      request.off('close', lost);
      await discard(response, bodyMs);
      request.destroy();
      const retryAfter = response.headers['retry-after'];
      settle({
        kind: 'response',
        status: response.statusCode ?? 0,
        ...(retryAfter === undefined ? {} : { retryAfter: retryAfter.slice(0, 100) }),
      });
    });
    request.on('error', (error) => {
      request.off('close', lost);
      if (!responded) settle({ kind: 'fault', fault: faultOf(error, phase) });
    });
  });
}

function faultOf(error: Error, phase: CallFault): CallFault {
  if (phase === 'timed_out') return phase;
  if (error instanceof AddressRefused) return 'address_refused';
  return error instanceof NameNotResolved ? 'name_not_resolved' : phase;
}

/** Reads a body to its end, its 16 kB or the end of the time. */
function discard(response: IncomingMessage, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const timer = setTimeout(resolve, withinMs);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > responseBytes) end();
    });
    response.once('end', end);
    response.once('close', end);
    response.once('error', end);
  });
}
