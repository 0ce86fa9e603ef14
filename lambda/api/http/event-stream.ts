import type { ImageEvent } from '../../domain/event.ts';
import type { ApiResponse } from './response.ts';

export const eventStreamType = 'text/event-stream';

/**
 * Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html): a whole document, after which the
 * client connects again with the id of the last event. Without events it has a comment, so that it is not empty.
 * @param retryMs after which the client connects again
 */
export function eventStream(events: readonly ImageEvent[], retryMs: number): ApiResponse {
  const blocks = events.map(
    (event) => `id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
  );
  return {
    status: 200,
    headers: { 'Content-Type': eventStreamType, 'Cache-Control': 'no-store' },
    body: `retry: ${retryMs}\n\n${blocks.join('') || ': no event yet\n\n'}`,
  };
}

/** Nothing more comes. To 204 a client does not connect again. */
export const endOfEventStream: ApiResponse = {
  status: 204,
  headers: { 'Cache-Control': 'no-store' },
  body: '',
};
