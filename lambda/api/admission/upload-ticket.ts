import type * as z from 'zod';
import { incomingKey } from '../../domain/image.ts';
import type { TenantCall } from '../http/endpoint.ts';
import type { ticketResponse } from '../schemas/responses.ts';

/** Content of a ticket. Times are by the database's clock, so that repeated responses agree. */
export interface TicketTerms {
  id: string;
  contentType: string;
  bytes: number;
  sha256: string | null;
  ticketExpiresAt: Date;
  ticketSeconds: number;
}

/** The body of a ticket, with a presigned POST that is signed now and expires with the ticket. */
export async function issueTicket(
  { tenant, parts }: TenantCall,
  { id, contentType, bytes, sha256, ticketExpiresAt, ticketSeconds }: TicketTerms,
): Promise<z.input<typeof ticketResponse>> {
  const form = await parts.uploadForms.uploadForm({
    key: incomingKey({ tenant, imageId: id }),
    contentType,
    maxBytes: bytes,
    seconds: ticketSeconds,
    sha256: sha256 ?? undefined,
  });
  return { id, status: 'awaiting_upload', upload: { ...form, expiresAt: ticketExpiresAt.toISOString() } };
}
