import type { RouteName } from '../../domain/routes.ts';
import { exportQuery } from '../../runtime/export-schema.ts';
import { directQuery, eventsQuery, imageQuery, listQuery, patchTypes } from '../schemas/requests.ts';
import { usageQuery } from '../schemas/usage.ts';
import { everywhere, type Operation, uncounted, withKey } from './operation.ts';
import { webhookOperations } from './webhook-operations.ts';

export const operations: Record<RouteName, Operation> = {
  createImage: {
    summary: 'Request an upload ticket (JSON), or upload an image as the body',
    description:
      'JSON returns a ticket: a presigned POST for the file. An image body, up to the size in GET /v1/presets, is uploaded ' +
      'directly; `presets`, X-Sluice-Metadata and X-Sluice-Replaces apply only to this form, JSON contains them.\n\n' +
      'Requests with an Idempotency-Key may be repeated. A repeated direct upload gets the same response. A repeated ticket ' +
      'request gets the same image and `expiresAt` with a new signature; 200 with the image status if the file has ' +
      'arrived; 410 if the ticket has expired or the image was deleted.',
    query: directQuery,
    headers: ['Idempotency-Key', 'X-Sluice-Metadata', 'X-Sluice-Replaces', 'Content-Digest', 'Content-MD5'],
    takesImage: true,
    responses: {
      200: {
        description: 'Repeated ticket request: the file has arrived',
        schema: 'Uploaded',
        headers: ['Location', 'Idempotency-Replayed'],
      },
      201: {
        description: 'An upload ticket',
        schema: 'Ticket',
        headers: ['Location', 'Retry-After', 'Idempotency-Replayed'],
      },
      202: {
        description: 'The image is queued',
        schema: 'Direct',
        headers: ['Location', 'Retry-After', 'Idempotency-Replayed'],
      },
    },
    problems: [
      'malformed_json',
      'invalid_request',
      'invalid_idempotency_key',
      'empty_body',
      'digest_mismatch',
      'request_in_progress',
      'ticket_expired',
      'image_deleted',
      'too_large',
      'unsupported_type',
      'unsupported_encoding',
      'idempotency_key_reused',
      'backlog_share',
      'overloaded',
      'storage_unavailable',
      ...withKey,
    ],
  },
  createTickets: {
    summary: 'Request up to 100 upload tickets at once',
    description:
      'Each ticket is admitted or refused by itself, as by POST /v1/images. The response is 200 even if all are refused: ' +
      'each refused one has a problem, with `retryAfter` if it may be requested again later, and the header Retry-After is ' +
      'the soonest of these.\n\n' +
      'With an Idempotency-Key the whole request may be repeated: the same tickets are signed again, and refused ones stay ' +
      'refused; request those again with a new key. If no ticket was admitted, the key is still free.',
    headers: ['Idempotency-Key', 'Content-Digest', 'Content-MD5'],
    takes: 'TicketsRequest',
    responses: {
      200: {
        description: 'The tickets',
        schema: 'Tickets',
        headers: ['Retry-After', 'Idempotency-Replayed'],
      },
    },
    problems: [
      'malformed_json',
      'invalid_request',
      'invalid_idempotency_key',
      'empty_body',
      'digest_mismatch',
      'request_in_progress',
      'too_large',
      'unsupported_type',
      'unsupported_encoding',
      'idempotency_key_reused',
      'storage_unavailable',
      ...withKey,
    ],
  },
  listImages: {
    summary: 'Your images, newest first, or up to 100 by their IDs',
    description:
      'A page may have fewer images than `limit`; only `nextCursor` shows whether another page exists.\n\n' +
      'With `ids` the response has these images in this order, and `missing` the others. Retry-After is then that of the ' +
      'image that is expected first. One such request replaces up to 100 of GET /v1/images/{id}, but does not look for an ' +
      'awaited file in the bucket: such an image is `awaiting_upload` until its processing starts.',
    query: () => listQuery,
    responses: {
      200: { description: 'A page, or the images', schema: 'ImageList', headers: ['Retry-After'] },
    },
    problems: ['invalid_request', 'storage_unavailable', ...withKey],
  },
  getImage: {
    summary: 'One image with its variants',
    description:
      'Retry-After is the polling interval for an unfinished image: a second or two at first, longer when many images wait.\n\n' +
      '`wait` holds the response until the image changes or the time has passed, if the image is expected to change in ' +
      'that time and few other requests wait. Otherwise the response comes at once: obey its Retry-After. With If-None-Match ' +
      'an image that is no longer the named one is returned at once.',
    query: () => imageQuery,
    headers: ['If-None-Match'],
    responses: {
      200: { description: 'The image', schema: 'Image', headers: ['ETag', 'Retry-After'] },
      304: { description: 'Not modified', headers: ['ETag', 'Retry-After'] },
    },
    problems: ['invalid_request', 'not_found', 'storage_unavailable', ...withKey],
  },
  editImage: {
    summary: 'Edit metadata and `replaces`',
    description:
      'A merge patch (RFC 7396): names that are absent stay as they are, null removes. If-Match is required, with the ETag ' +
      "of GET /v1/images/{id} or of an earlier edit. Anybody else's edit since then is 412 with the current ETag; progress " +
      'of processing is none. `replaces` can only be changed while the image waits.',
    headers: ['If-Match', 'Content-Digest', 'Content-MD5'],
    takes: 'ImagePatch',
    takesTypes: patchTypes,
    responses: { 200: { description: 'The image as it is now', schema: 'Image', headers: ['ETag'] } },
    problems: [
      'malformed_json',
      'invalid_request',
      'empty_body',
      'digest_mismatch',
      'not_found',
      'not_waiting',
      'precondition_failed',
      'too_large',
      'unsupported_type',
      'unsupported_encoding',
      'precondition_required',
      'storage_unavailable',
      ...withKey,
    ],
  },
  deleteImage: {
    summary: 'Delete original, variants and record',
    description:
      'The image is hidden at once; its files are deleted within minutes. Variant URLs issued earlier work until then.',
    responses: { 202: { description: 'Deleted; its files follow', schema: 'Deleted' } },
    problems: ['invalid_request', 'not_found', ...withKey],
  },
  getImageEvents: {
    summary: 'What happened to an image',
    description:
      'Events in order, the first 100 after `after`: CloudEvents 1.0, the same that webhooks and event buses get. They are ' +
      'kept for some days, also of a deleted image.\n\n' +
      '`wait` holds an empty response until there is an event or the time has passed, if the image is expected to change in ' +
      'that time and few other requests wait. Otherwise the response comes at once: obey its Retry-After.\n\n' +
      'With `Accept: text/event-stream` the response has the form of Server-Sent Events, for an EventSource: `id` is the ' +
      '`sequence`, `event` the type, `data` the event. It ends as above; the EventSource connects again after `retry`.',
    query: () => eventsQuery,
    headers: ['Last-Event-ID'],
    responses: {
      200: {
        description: 'The events',
        schema: 'ImageEvents',
        type: 'text/event-stream',
        headers: ['Retry-After'],
      },
      204: { description: 'Only with `text/event-stream`: the image was deleted, and nothing more comes' },
    },
    problems: ['invalid_request', 'not_found', ...withKey],
  },
  exportImages: {
    summary: 'Your images as CSV, streamed',
    description:
      'RFC 4180 in UTF-8 with a header line, in the order of creation, at the pace of the reader and for at most 15 minutes. ' +
      'The last line of a complete export begins with `# complete:` and has the number of rows; without it the export was cut ' +
      'off. A text that a spreadsheet could run as a formula (it begins with `=`, `+`, `-`, `@`, a tab or a line break), or ' +
      'that begins with an apostrophe, has an apostrophe before it.\n\n' +
      'Compressed with zstd or gzip if Accept-Encoding allows it. A tenant has one stream at a time, and it counts in no quota.',
    query: () => exportQuery,
    responses: {
      200: {
        description: 'The images',
        type: 'text/csv',
        headers: ['Content-Disposition'],
      },
    },
    problems: ['invalid_request', 'export_running', 'streaming_unavailable', ...uncounted],
  },
  ...webhookOperations,
  createExport: {
    summary: 'Write your images as CSV to a file',
    description:
      'For what one response cannot hold, or where responses are not streamed. The job starts within a minute, or when ' +
      'each of those that wait has had a turn of a minute, and continues where it was if it is interrupted. The file has the form of GET /v1/exports/images.csv, compressed. A tenant has one ' +
      'unfinished export at a time. An Idempotency-Key belongs to its export for as long as that is kept, and for at ' +
      'least `retention.idempotencySeconds`.',
    headers: ['Idempotency-Key'],
    takes: 'ExportRequest',
    responses: {
      202: {
        description: 'The export is queued',
        schema: 'Export',
        headers: ['Location', 'Retry-After', 'Idempotency-Replayed'],
      },
    },
    problems: [
      'malformed_json',
      'invalid_request',
      'invalid_idempotency_key',
      'empty_body',
      'export_running',
      'export_deleted',
      'idempotency_key_reused',
      'storage_unavailable',
      ...withKey,
    ],
  },
  getExport: {
    summary: 'An export, with a link to the file once it is ready',
    responses: { 200: { description: 'The export', schema: 'Export', headers: ['Retry-After'] } },
    problems: ['invalid_request', 'not_found', 'storage_unavailable', ...withKey],
  },
  deleteExport: {
    summary: 'Stop an export, or delete its file',
    description: 'The export is gone at once; its file is deleted within minutes.',
    responses: { 202: { description: 'Deleted; its file follows', schema: 'Deleted' } },
    problems: ['invalid_request', 'not_found', ...withKey],
  },
  getUsage: {
    summary: 'What was processed, by hour',
    description:
      'A row for each hour, type of event, preset and error code, in this order, from `from` up to `to`: 24 hours by ' +
      'default. Rows without a preset count images, those with one count variants. An event is in it some seconds after it ' +
      'happened.',
    query: () => usageQuery,
    responses: {
      200: {
        description: 'A page of the rows; all of them as CSV',
        schema: 'Usage',
        type: 'text/csv',
        headers: ['Content-Disposition'],
      },
    },
    problems: ['invalid_request', ...withKey],
  },
  listPresets: {
    summary: 'Configured presets and upload limits',
    responses: { 200: { description: 'The presets', schema: 'Presets' } },
    problems: ['invalid_request', ...withKey],
  },
  health: {
    summary: 'The API is running; does not check the database',
    responses: { 200: { description: 'Running', schema: 'Health' } },
    problems: everywhere,
  },
  page: { summary: 'The web page', ...file('HTML', 'text/html') },
  pageFile: { summary: 'A file of the web page', ...file('The file', '*/*') },
};

function file(description: string, type: string): Omit<Operation, 'summary'> {
  return {
    headers: ['If-None-Match'],
    responses: {
      200: { description, type, headers: ['ETag'] },
      304: { description: 'Not modified', headers: ['ETag'] },
    },
    problems: ['not_found', 'storage_unavailable', ...everywhere],
  };
}
