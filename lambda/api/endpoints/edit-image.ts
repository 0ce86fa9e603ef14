import { isDeepStrictEqual } from 'node:util';
import type * as z from 'zod';
import type { ImageRef } from '../../domain/image.ts';
import { type Edit, editImage as writeEdit } from '../../postgres/images/editing.ts';
import { findImage, type ImageRecord } from '../../postgres/images/reading.ts';
import { mistakesIn } from '../../runtime/mistakes.ts';
import { countSuperseded } from '../admission/superseded.ts';
import { checkDigests } from '../http/body-digest.ts';
import { type Endpoint, imageRef, type TenantCall } from '../http/endpoint.ts';
import { requirePlainBody } from '../http/plain-body.ts';
import { changedMeanwhile, isMatch, requireMatch } from '../http/precondition.ts';
import { invalid, noSuchImage, Problem } from '../http/problem.ts';
import { type ApiRequest, mediaType } from '../http/request.ts';
import { json } from '../http/response.ts';
import { jsonBody, valid, validQuery } from '../http/validation.ts';
import { editedMetadata, emptyQuery, imagePatch, patchTypes } from '../schemas/requests.ts';
import { refuseDirectHeaders } from './direct-headers.ts';
import { representationOf } from './image-view.ts';

/** 2 KB of metadata, and as much of names to remove. */
const maxPatchBytes = 16_384;
/** With `If-Match: *` an edit is made again when another one was faster. A named revision is refused the second time. */
const mostAttempts = 5;

/**
 * `PATCH /v1/images/{id}`: a merge patch (RFC 7396) of what people edit, by a version check and without a lock: what was
 * read is written only if it still has its revision.
 */
export const editImage: Endpoint<'editImage'> = async (call) => {
  const { request, parts } = call;
  const patch = patchOf(request);
  const match = requireMatch(request);
  const image = imageRef(call);
  for (let attempt = 1; ; attempt += 1) {
    const found = await read(call, image);
    const { details, etag } = await representationOf(found, parts);
    if (!isMatch(match, found.revision) || attempt > mostAttempts) throw changedMeanwhile(etag);
    const edit = editOf(found, patch);
    if (isUnchanged(found, edit)) return json(200, details, { ETag: etag });
    if (edit.replaces !== found.replaces && !['awaiting_upload', 'queued'].includes(found.status))
      throw new Problem('not_waiting', `The image is ${found.status}: its \`replaces\` stays as it is.`);
    const written = await parts.database.run((connection) => writeEdit(connection, image, edit));
    if (written === undefined) continue;
    countSuperseded(written.overtaken, parts);
    const latest = await representationOf(await read(call, image), parts);
    return json(200, latest.details, { ETag: latest.etag });
  }
};

async function read({ parts }: TenantCall, image: ImageRef) {
  const found = await parts.database.run((connection) => findImage(connection, image));
  if (found === undefined) throw noSuchImage();
  return found;
}

type Patch = z.output<typeof imagePatch>;

function patchOf(request: ApiRequest): Patch {
  requirePlainBody(request);
  if (!(patchTypes as readonly string[]).includes(mediaType(request)))
    throw new Problem('unsupported_type', `Send the edit as ${patchTypes.join(' or ')}.`);
  validQuery(emptyQuery, request);
  refuseDirectHeaders(request);
  if (request.body.length > maxPatchBytes)
    throw new Problem('too_large', `An edit may have at most ${maxPatchBytes} bytes.`);
  checkDigests(request);
  return valid(imagePatch, jsonBody(request));
}

/** The image as edited. @throws Problem `invalid_request` if its metadata would exceed a limit. */
function editOf({ metadata, replaces, revision }: ImageRecord, patch: Patch): Edit {
  const merged = new Map<string, string | null>(patch.metadata === null ? [] : Object.entries(metadata));
  for (const [name, value] of Object.entries(patch.metadata ?? {})) merged.set(name, value);
  const parsed = editedMetadata.safeParse(
    Object.fromEntries([...merged].filter(([, text]) => text !== null)),
  );
  if (!parsed.success) throw invalid(mistakesIn(parsed.error, ['metadata']));
  return {
    metadata: parsed.data,
    replaces: patch.replaces === undefined ? replaces : patch.replaces,
    revision,
  };
}

function isUnchanged({ metadata, replaces }: ImageRecord, edit: Edit): boolean {
  return replaces === edit.replaces && isDeepStrictEqual({ ...metadata }, { ...edit.metadata });
}
