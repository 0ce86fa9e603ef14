import { keptAnswers } from '../../postgres/images/tickets.ts';
import { admitCharged } from '../admission/charge.ts';
import type { RequestKey } from '../admission/idempotency.ts';
import { issueTicket } from '../admission/upload-ticket.ts';
import { secondsToWait } from '../admission/waiting.ts';
import { checkDigests } from '../http/body-digest.ts';
import type { TenantCall } from '../http/endpoint.ts';
import { Problem, retryAfter } from '../http/problem.ts';
import { type ApiResponse, json } from '../http/response.ts';
import { jsonBody, validQuery } from '../http/validation.ts';
import { emptyQuery } from '../schemas/requests.ts';
import { refuseDirectHeaders } from './direct-headers.ts';
import { wantedImage } from './wanted-image.ts';

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
  const image = wantedImage(call, jsonBody(request));
  const admitted = await admitCharged(
    call,
    image,
    key && {
      ...key,
      answered: keptAnswers.ticket,
      lockSeconds: 0,
      keepSeconds: settings.retention.idempotencySeconds,
    },
  );
  if ('repeated' in admitted) return admitted.repeated;
  const { ticketExpiresAt } = admitted;
  const terms = { ...image, sha256: image.sha256 ?? null, ticketExpiresAt };
  return json(201, await issueTicket(call, terms), {
    Location: `${request.publicPath}/${image.id}`,
    ...retryAfter(await secondsToWait(parts, tenant)),
  });
}
