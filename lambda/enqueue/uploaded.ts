import * as z from 'zod/mini';
import { type ImageRef, parseIncomingKey } from '../domain/image.ts';

/** An upload named by an event. */
export interface Upload extends ImageRef {
  /** Version of the object; absent if the bucket is not versioned. */
  version?: string;
}
/** A skipped record and the reason for the log. */
export interface Ignored {
  reason: string;
  eventName?: string;
  key?: string;
}

const envelope = z.object({ Records: z.array(z.unknown()) });
const testEvent = z.object({ Event: z.literal('s3:TestEvent') });
const created = z.object({
  eventName: z.string(),
  s3: z.object({ object: z.object({ key: z.string(), versionId: z.nullish(z.string()) }) }),
});

/** Reads an S3 event. Anything but an original in `incoming/` is ignored: a failed event is delivered again. */
export function uploadsOf(event: unknown): { uploaded: Upload[]; ignored: Ignored[] } {
  if (testEvent.safeParse(event).success) return { uploaded: [], ignored: [{ reason: 'test event' }] };
  const records = envelope.safeParse(event);
  if (!records.success) return { uploaded: [], ignored: [{ reason: 'not an event of S3' }] };
  const found = records.data.Records.map(readRecord);
  const uploaded = new Map<string, Upload>();
  for (const upload of found)
    if (!('reason' in upload)) uploaded.set(`${upload.imageId} ${upload.version ?? ''}`, upload);
  return { uploaded: [...uploaded.values()], ignored: found.filter((one) => 'reason' in one) };
}

function readRecord(record: unknown): Upload | Ignored {
  const parsed = created.safeParse(record);
  if (!parsed.success) return { reason: 'not a record of S3' };
  const { eventName, s3 } = parsed.data;
  // S3 notifications use `ObjectCreated:Post`, EventBridge-style tools `s3:ObjectCreated:Post`.
  if (!/^(?:s3:)?ObjectCreated:/.test(eventName)) return { reason: 'not a creation', eventName };
  const key = decodeKey(s3.object.key);
  const seen = { eventName, key: s3.object.key.slice(0, 200) };
  if (key === undefined) return { reason: 'a key that is encoded wrongly', ...seen };
  const image = parseIncomingKey(key);
  if (image === undefined) return { reason: 'a foreign key', ...seen };
  return { ...image, ...(s3.object.versionId == null ? {} : { version: s3.object.versionId }) };
}

/** Keys are form-encoded: `+` for a space, %XX for other characters. */
function decodeKey(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
