import { incomingKey } from '../domain/image.ts';
import * as statements from '../postgres/images/extra-uploads.ts';
import { batchSize, type Dependencies } from './dependencies.ts';
import { eachObject } from './each-object.ts';
import type { Duty } from './turns.ts';

/** Deletes uploads that a ticket received after its first, then their records. */
export function extraUploads({ database, bucket, log }: Dependencies): Duty {
  let after: statements.ExtraUpload | undefined;
  return async ({ work, record }) => {
    const uploads = await database.run(
      (connection) => statements.extraUploads(connection, { limit: batchSize, after }),
      { signal: work },
    );
    after = uploads.at(-1);
    const { answers } = await eachObject(
      uploads,
      (upload) => bucket.deleteVersion(incomingKey(upload), upload.version, work),
      log,
    );
    const gone = answers.map(({ item }) => item);
    const removed =
      gone.length === 0
        ? 0
        : await database.run((connection) => statements.removeExtraUploads(connection, gone), {
            signal: record,
          });
    return { counts: { removed }, more: uploads.length === batchSize };
  };
}
