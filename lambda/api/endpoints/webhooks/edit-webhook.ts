import { editEndpoint } from '../../../postgres/webhooks/endpoints.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import { changedMeanwhile, isMatch, requireMatch } from '../../http/precondition.ts';
import { json } from '../../http/response.ts';
import { patchTypes } from '../../schemas/requests.ts';
import { webhookPatch } from '../../schemas/webhooks.ts';
import { webhookBody } from './webhook-body.ts';
import { readWebhook, webhookRef, webhookView } from './webhook-view.ts';

/** With `If-Match: *` an edit is made again when another one was faster. */
const mostAttempts = 5;

/** `PATCH /v1/webhooks/{webhook}`: a merge patch (RFC 7396), if the webhook still has the revision that was read. */
export const editWebhook: Endpoint<'editWebhook'> = async (call) => {
  const { request, parts } = call;
  const patch = webhookBody(request, webhookPatch(parts.settings.webhooks), patchTypes);
  const match = requireMatch(request);
  const ref = webhookRef(call);
  for (let attempt = 1; ; attempt += 1) {
    const found = await readWebhook(call);
    if (!isMatch(match, found.revision) || attempt > mostAttempts)
      throw changedMeanwhile(webhookView(found).etag);
    const edited = await parts.database.run((connection) =>
      editEndpoint(connection, ref, {
        url: patch.url ?? found.url,
        types: patch.types === undefined ? found.types : (patch.types ?? []),
        description: patch.description === undefined ? found.description : (patch.description ?? ''),
        enabled: patch.enabled ?? null,
        revision: found.revision,
      }),
    );
    if (edited === undefined) continue;
    const { view, etag } = webhookView(edited);
    return json(200, view, { ETag: etag });
  }
};
