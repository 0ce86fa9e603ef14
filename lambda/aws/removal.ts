import { createHash } from 'node:crypto';
import { parseXmlBody } from '@aws-sdk/core/protocols';
import { TransientFailure } from '../domain/failure.ts';
import { utf8 } from './http/service-error.ts';
import { type Found, listPlaces } from './list-places.ts';
import type { BucketAccess } from './storage-client.ts';
import { storageFault } from './storage-fault.ts';

/** Places that are now empty; `error`, the first one, if not all are. */
export interface Removed {
  empty: Set<string>;
  error?: unknown;
}

export function openRemoval(bucket: BucketAccess) {
  const { client, bucketName } = bucket;
  return {
    /** Deletes one version permanently; a missing one is no error. @throws TransientFailure `storage_unavailable` */
    async deleteVersion(key: string, version: string, signal?: AbortSignal): Promise<void> {
      await client
        .send({ operation: 'DeleteObject', bucketName, key, query: { versionId: version } }, signal)
        .catch(storageFault('DELETE version', signal));
    },

    /**
     * Deletes all versions at these places (keys, or prefixes that end in a slash). A version that S3 keeps fails its
     * place; an outage or abort fails all unfinished places, as TransientFailure `storage_unavailable` or `out_of_time`.
     * @throws RangeError for a place that would be the whole bucket.
     */
    async deleteAt(places: readonly string[], signal?: AbortSignal): Promise<Removed> {
      const empty = new Set<string>();
      const kept = new Set<string>();
      const errors: unknown[] = [];
      async function see(found: Found[], through: string[]): Promise<void> {
        if (found.length > 0) await remove(found);
        for (const place of through) if (!kept.has(place)) empty.add(place);
      }
      async function remove(found: Found[]): Promise<void> {
        // A page has at most 1000 versions, the limit of DeleteObjects.
        const bytes = Buffer.from(deleteBody(found));
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        const headers = { 'content-type': 'application/xml' };
        const { Error: refused = [] }: { Error?: Refused | Refused[] } = await client
          .send({ operation: 'DeleteObjects', bucketName, headers, body: { bytes, sha256 } }, signal)
          .then(({ body }) => parseXmlBody(body, utf8))
          .catch(storageFault('DELETE objects', signal));
        for (const { Key, Code } of [refused].flat()) {
          errors.push(
            new TransientFailure('storage_unavailable', `DELETE objects: one kept, ${Code ?? 'no code'}`),
          );
          const one = found.find(({ key }) => key === Key);
          // An error without a known key may concern any of them.
          for (const place of one === undefined ? places : [one.place]) kept.add(place);
        }
      }
      try {
        await listPlaces(bucket, places, see, signal);
      } catch (error) {
        if (!(error instanceof TransientFailure)) throw error;
        errors.push(error);
      }
      return errors.length === 0 ? { empty } : { empty, error: errors[0] };
    },
  };
}

interface Refused {
  Key?: string;
  Code?: string;
}

function deleteBody(found: readonly Found[]): string {
  const objects = found.map(
    ({ key, version }) =>
      `<Object><Key>${xmlText(key)}</Key><VersionId>${xmlText(version)}</VersionId></Object>`,
  );
  return `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${objects.join('')}<Quiet>true</Quiet></Delete>`;
}

/** Line ends too, which a parser would change. */
function xmlText(text: string): string {
  return text.replace(/[&<>"'\r\n\u0085\u2028]/g, (one) => `&#${one.charCodeAt(0)};`);
}
