import { incomingKey } from '../domain/image.ts';
import * as sweeping from '../postgres/images/sweeping.ts';
import { bite, type Dependencies } from './dependencies.ts';
import { eachObject } from './each-object.ts';
import type { Duty } from './turns.ts';

/** Takes from the bucket what was uploaded by a ticket after its first upload, and then forgets it. */
export function extraUploads({ database, bucket, log }: Dependencies): Duty {
  let after: sweeping.ExtraUpload | undefined;
  return async ({ work, record }) => {
    const uploads = await database.run(
      (connection) => sweeping.extraUploads(connection, { limit: bite, after }),
      { signal: work },
    );
    after = uploads.at(-1);
    const { answers } = await eachObject(
      uploads,
      ({ tenant, imageId, version }) => bucket.deleteVersion(incomingKey(tenant, imageId), version, work),
      log,
    );
    const gone = answers.map(({ item }) => item);
    const removed =
      gone.length === 0
        ? 0
        : await database.run((connection) => sweeping.removeExtraUploads(connection, gone), {
            signal: record,
          });
    return { did: { removed }, more: uploads.length === bite };
  };
}
