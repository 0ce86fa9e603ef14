import type * as z from 'zod';
import { isTerminal } from '../../domain/image.ts';
import { findImages, type ListedImage } from '../../postgres/images/reading.ts';
import { secondsToWait } from '../admission/waiting.ts';
import type { TenantCall } from '../http/endpoint.ts';
import { invalid, retryAfter } from '../http/problem.ts';
import { type ApiResponse, json } from '../http/response.ts';
import type { listResponse } from '../schemas/responses.ts';
import { detailsOf, summaryOf } from './image-view.ts';

/** As in a page. */
const mostVariants = 600;
const ofPages = ['status', 'limit', 'cursor'];

/** `GET /v1/images?ids=`: one statement by primary key. @throws Problem `invalid_request` with parameters of pages. */
export async function getImagesById(
  { request, tenant, parts }: TenantCall,
  { ids, variants }: { ids: readonly string[]; variants: boolean },
): Promise<ApiResponse> {
  const mistaken = ofPages.filter((name) => name in request.query);
  if (mistaken.length > 0)
    throw invalid(mistaken.map((path) => ({ path, detail: 'does not apply to `ids`' })));
  const rows = await parts.database.run((connection) => findImages(connection, tenant, { ids, variants }));
  const byId = new Map(rows.map((image) => [image.id, image]));
  const found = ids.flatMap((id) => byId.get(id) ?? []);
  const waits: number[] = [];
  for (const { status, createdAt } of found)
    if (!isTerminal(status)) waits.push(await secondsToWait(parts, tenant, createdAt));
  const body = {
    images: await Promise.all(withoutExcess(found).map((image) => viewOf(image, parts))),
    nextCursor: null,
    missing: ids.filter((id) => !byId.has(id)),
  } satisfies z.input<typeof listResponse>;
  return json(200, body, waits.length === 0 ? {} : retryAfter(Math.min(...waits)));
}

function viewOf({ variants, ...image }: ListedImage, parts: TenantCall['parts']) {
  return variants === undefined ? summaryOf(image) : detailsOf({ ...image, variants }, parts);
}

/** Removes the variants of the images after the `mostVariants`th; all images stay. */
function withoutExcess(images: readonly ListedImage[]): ListedImage[] {
  let count = 0;
  return images.map(({ variants, ...image }) => {
    count += variants?.length ?? 0;
    return variants === undefined || count > mostVariants ? image : { ...image, variants };
  });
}
