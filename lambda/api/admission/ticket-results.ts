import type * as z from 'zod';
import type { RepeatedImage } from '../../postgres/images/idempotency.ts';
import type { KeptTicket } from '../../postgres/images/ticket-batch.ts';
import type { TenantCall } from '../http/endpoint.ts';
import { Problem } from '../http/problem.ts';
import { problemResponse } from '../http/problem-response.ts';
import type { ticketsResponse } from '../schemas/responses.ts';
import { issueTicket } from './upload-ticket.ts';

/** The result of one ticket of several. */
export type TicketResult = z.input<typeof ticketsResponse>['tickets'][number];
type TicketProblem = Extract<TicketResult, { problem: unknown }>;

/** The result of a refused ticket: the members of the response that it would have had alone, with its Retry-After. */
export function refusedTicket(problem: Problem): TicketProblem {
  const { instance: _, ...members } = JSON.parse(String(problemResponse(problem, '').body));
  const { 'Retry-After': seconds } = problem.headers;
  return { problem: { ...members, ...(seconds === undefined ? {} : { retryAfter: Number(seconds) }) } };
}

/** The result of a repeated request for a ticket, by its image now; see `repeatedResponse`. */
export async function repeatedTicket(
  call: TenantCall,
  kept: KeptTicket,
  images: ReadonlyMap<string, RepeatedImage>,
): Promise<TicketResult> {
  if ('problem' in kept) return kept as TicketProblem;
  const image = images.get(kept.id);
  if (image === undefined) return refusedTicket(new Problem('image_deleted', 'This image was deleted.'));
  const { id, status } = image;
  if (status === 'awaiting_upload' && image.ticketSeconds >= 1) return issueTicket(call, image);
  if (status === 'awaiting_upload' || status === 'expired')
    return refusedTicket(
      new Problem('ticket_expired', 'This ticket has expired. Request one with a new key.'),
    );
  return { id, status };
}
