import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type * as z from 'zod';
import { type AcceptedContentType, type ImageRef, incomingKey } from '../../domain/image.ts';
import type { Settings } from '../../domain/settings.ts';
import { abandonDirectUpload, finishDirectUpload } from '../../postgres/images/direct-uploads.ts';
import { admitCharged } from '../admission/charge.ts';
import { lockSeconds, type RequestKey } from '../admission/idempotency.ts';
import { countSuperseded } from '../admission/superseded.ts';
import { secondsToWait } from '../admission/waiting.ts';
import { costs } from '../admission/wanted.ts';
import { unsupportedType } from '../http/accepted-type.ts';
import { checkDigests } from '../http/body-digest.ts';
import type { TenantCall } from '../http/endpoint.ts';
import { Problem, retryAfter } from '../http/problem.ts';
import { type ApiResponse, json } from '../http/response.ts';
import { validQuery } from '../http/validation.ts';
import { directQuery } from '../schemas/requests.ts';
import type { directResponse } from '../schemas/responses.ts';
import { directMetadata, directName } from './direct-headers.ts';

/** Compiled when it is first used, which takes as long as a tenth of the request. */
const schemas = new WeakMap<Settings, ReturnType<typeof directQuery>>();

function querySchema(settings: Settings): ReturnType<typeof directQuery> {
  const schema = schemas.get(settings) ?? directQuery(settings);
  schemas.set(settings, schema);
  return schema;
}

/** Writes row and key, then object, then message. A crash leaves nothing acknowledged, or work for the sweep. */
export async function createDirect(
  call: TenantCall,
  contentType: AcceptedContentType,
  key: RequestKey | undefined,
): Promise<ApiResponse> {
  const { request, tenant, parts } = call;
  const { settings } = parts;
  const { presets = Object.keys(settings.presets), priority } = validQuery(querySchema(settings), request);
  const metadata = directMetadata(request);
  const replaces = directName(request);
  const bytes = imageBody(call);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const admitted = await admitCharged(
    call,
    {
      id: uuidv7(),
      tenant,
      contentType,
      bytes: bytes.length,
      sha256,
      presets,
      metadata,
      replaces,
      // There is no ticket: after the lock expires the sweep may treat the row as an unused one.
      ticketSeconds: lockSeconds,
      ...costs(settings, { bytes: bytes.length, presets, priority }),
    },
    key && { ...key, lockSeconds, keepSeconds: settings.retention.idempotencySeconds },
  );
  if ('repeated' in admitted) return admitted.repeated;

  const { imageId } = admitted;
  const upload = { tenant, imageId, ...(key === undefined ? {} : { key: key.key }) };
  const version = await store(call, upload, { contentType, bytes, sha256 }, admitted.giveBack);
  await send(call, imageId);
  await finish(call, { ...upload, version });
  const body = { id: imageId, status: 'queued' } satisfies z.input<typeof directResponse>;
  return json(202, body, {
    Location: `${request.publicPath}/${imageId}`,
    ...retryAfter(await secondsToWait(parts, tenant)),
  });
}

interface Upload extends ImageRef {
  key?: string;
}

function imageBody({ request, parts }: TenantCall): Buffer {
  const { maxBytes } = parts.settings.limits;
  const { maxDirectBytes } = parts.settings.uploads;
  if (request.body.length === 0) throw new Problem('empty_body', 'The image is empty.');
  if (request.body.length > maxBytes)
    throw new Problem('too_large', `An image may have at most ${maxBytes} bytes.`);
  if (request.body.length > maxDirectBytes)
    throw new Problem(
      'too_large',
      `A body may have at most ${maxDirectBytes} bytes. Request a ticket and upload the image with it.`,
    );
  // The gateway compares content types exactly and passes other bodies on as text, which damages an image.
  if (!request.binary)
    throw unsupportedType(
      'The body was received as text. Send the Content-Type in lower case and without parameters.',
      parts.settings,
    );
  checkDigests(request);
  return request.body;
}

async function store(
  { parts }: TenantCall,
  upload: Upload,
  original: { contentType: string; bytes: Buffer; sha256: string },
  giveBack: () => void = () => {},
): Promise<string | undefined> {
  try {
    return await parts.bucket.putOriginal({ key: incomingKey(upload), ...original });
  } catch (error) {
    await parts.database
      .run((connection) => abandonDirectUpload(connection, upload))
      .then((abandoned) => {
        if (!abandoned) return;
        giveBack();
        parts.nudges.send();
      })
      // The sweep removes the row after the lock expires.
      .catch((fault: unknown) => parts.log.warn('An upload could not be taken back', { error: fault }));
    throw error;
  }
}

/** Failures are logged only: the object is stored, and the sweep sends the message again. */
async function send({ parts, tenant }: TenantCall, imageId: string): Promise<void> {
  const [unsent] = await parts.queue.sendJobs([{ tenant, imageId }]);
  if (unsent !== undefined)
    parts.log.warn('A job was not sent; the sweep will', { imageId, reason: unsent.reason });
}

/** Row and object exist, so the image is processed even if this fails; a repeated request then waits for the lock. */
async function finish(
  { parts }: TenantCall,
  upload: Upload & { version: string | undefined },
): Promise<void> {
  await parts.database
    .run((connection) => finishDirectUpload(connection, upload))
    .then((overtaken) => countSuperseded(overtaken, parts))
    .catch((error: unknown) =>
      parts.log.warn('The end of an upload was not recorded', { imageId: upload.imageId, error }),
    );
}
