import { v7 as uuidv7 } from 'uuid';
import { keptAnswers } from '../../postgres/images/tickets.ts';
import { admitCharged } from '../admission/charge.ts';
import type { RequestKey } from '../admission/idempotency.ts';
import { issueTicket } from '../admission/upload-ticket.ts';
import { secondsToWait } from '../admission/waiting.ts';
import { acceptedType, unsupportedType } from '../http/accepted-type.ts';
import { checkDigests } from '../http/body-digest.ts';
import type { TenantCall } from '../http/endpoint.ts';
import { Problem, retryAfter } from '../http/problem.ts';
import { type ApiResponse, json } from '../http/response.ts';
import { jsonBody, valid, validQuery } from '../http/validation.ts';
import { emptyQuery, ticketRequest } from '../schemas/requests.ts';
import { refuseDirectHeaders } from './direct-headers.ts';

/** Ample for a content type, a size, preset names and 2 KB of metadata. */
const maxTicketBytes = 16_384;

/** The JSON form: a row and a presigned POST. Row and key share a transaction, so a ticket is never in progress. */
export async function createTicket(call: TenantCall, key: RequestKey | undefined): Promise<ApiResponse> {
  const { request, tenant, parts } = call;
  const { settings } = parts;
  validQuery(emptyQuery, request);
  refuseDirectHeaders(request);
  if (request.body.length > maxTicketBytes)
    throw new Problem('too_large', `A JSON body may have at most ${maxTicketBytes} bytes.`);
  checkDigests(request);
  const wanted = valid(ticketRequest(settings), jsonBody(request));
  const contentType = acceptedType(wanted.contentType, settings);
  if (contentType === undefined) throw unsupportedType('This contentType is not supported.', settings);
  if (wanted.bytes > settings.limits.maxBytes)
    throw new Problem('too_large', `An image may have at most ${settings.limits.maxBytes} bytes.`);

  const id = uuidv7();
  const { ticketSeconds } = settings.uploads;
  const admitted = await admitCharged(
    call,
    {
      id,
      tenant,
      contentType,
      bytes: wanted.bytes,
      sha256: wanted.sha256,
      presets: wanted.presets ?? Object.keys(settings.presets),
      metadata: wanted.metadata ?? {},
      replaces: wanted.replaces,
      ticketSeconds,
    },
    key && {
      ...key,
      answered: keptAnswers.ticket,
      lockSeconds: 0,
      keepSeconds: settings.retention.idempotencySeconds,
    },
  );
  if ('repeated' in admitted) return admitted.repeated;
  const { bytes, sha256 = null } = wanted;
  const { ticketExpiresAt } = admitted;
  const terms = { id, contentType, bytes, sha256, ticketExpiresAt, ticketSeconds };
  return json(201, await issueTicket(call, terms), {
    Location: `${request.publicPath}/${id}`,
    ...retryAfter(await secondsToWait(parts)),
  });
}
