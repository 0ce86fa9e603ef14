import type * as z from 'zod';
import { admitTickets } from '../admission/admit-tickets.ts';
import { readRequestKey } from '../admission/idempotency.ts';
import { checkDigests } from '../http/body-digest.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { requirePlainBody } from '../http/plain-body.ts';
import { Problem, retryAfter } from '../http/problem.ts';
import { mediaType } from '../http/request.ts';
import { json } from '../http/response.ts';
import { jsonBody, valid, validQuery } from '../http/validation.ts';
import { emptyQuery, ticketsRequest } from '../schemas/requests.ts';
import type { ticketsResponse } from '../schemas/responses.ts';
import { refuseDirectHeaders } from './direct-headers.ts';
import { wantedImage } from './wanted-image.ts';

/** 4 KB for each of 100 tickets. */
const maxBodyBytes = 409_600;

/** `POST /v1/tickets`: up to 100 tickets in one statement, each admitted or refused by itself. */
export const createTickets: Endpoint<'createTickets'> = async (call) => {
  const { request } = call;
  requirePlainBody(request);
  const key = readRequestKey(request);
  if (mediaType(request) !== 'application/json')
    throw new Problem('unsupported_type', 'Send the tickets as application/json.');
  validQuery(emptyQuery, request);
  refuseDirectHeaders(request);
  if (request.body.length > maxBodyBytes)
    throw new Problem('too_large', `The body may have at most ${maxBodyBytes} bytes.`);
  checkDigests(request);
  const { tickets } = valid(ticketsRequest, jsonBody(request));
  const wanted = tickets.map((ticket) => {
    try {
      return wantedImage(call, ticket);
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
  });
  const { results, replayed } = await admitTickets(call, wanted, key);
  const waits = results.flatMap((result) => ('problem' in result ? (result.problem.retryAfter ?? []) : []));
  return json(200, { tickets: results } satisfies z.input<typeof ticketsResponse>, {
    ...(waits.length === 0 ? {} : retryAfter(Math.min(...waits))),
    ...(replayed ? { 'Idempotency-Replayed': 'true' } : {}),
  });
};
