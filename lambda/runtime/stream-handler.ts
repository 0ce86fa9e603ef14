import type { Writable } from 'node:stream';
import type { Context } from 'aws-lambda';
import type { RemainingTime } from './handler.ts';
import type { Log } from './logger.ts';

/** Status and headers of a streamed response. */
export interface ResponseMetadata {
  statusCode: number;
  headers: Record<string, string>;
}

/** The response of one invocation. */
export interface StreamedResponse {
  /** Sends status and headers, then what is written. Once. */
  begin(metadata: ResponseMetadata): Writable;
  /** Aborts when the reader has gone. */
  readonly gone: AbortSignal;
}

/**
 * A handler whose response is streamed (InvokeWithResponseStream). An error before `begin` is a 502 of the gateway; after
 * it, the response is cut off. The invocation ends when the promise of `work` has settled and the response is sent.
 */
export function streamHandler<Event>(
  log: Log,
  work: (event: Event, response: StreamedResponse, remaining: RemainingTime) => Promise<void>,
): unknown {
  return awslambda.streamifyResponse(async (event: Event, stream, context: Context) => {
    log.remember({ requestId: context.awsRequestId });
    const gone = new AbortController();
    stream.once('close', () => {
      if (!stream.writableFinished) gone.abort(new Error('the reader has gone'));
    });
    try {
      const begin = (metadata: ResponseMetadata) =>
        awslambda.HttpResponseStream.from(stream, { ...metadata }) as Writable;
      await work(event, { begin, gone: gone.signal }, () => context.getRemainingTimeInMillis());
    } catch (error) {
      log.error('The invocation failed', { error });
      throw error;
    } finally {
      log.forget();
    }
  });
}
