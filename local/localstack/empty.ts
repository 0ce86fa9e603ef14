import { DeleteObjectsCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { credentials, region } from './localstack.ts';

/** Deletes every object of a bucket; a bucket that holds something cannot be taken away. Answers how many there were. */
export async function emptyBucket(endpoint: string, Bucket: string): Promise<number> {
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  let deleted = 0;
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) {
    const Objects = Contents.map(({ Key = '' }) => ({ Key }));
    if (Objects.length === 0) continue;
    await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    deleted += Objects.length;
  }
  client.destroy();
  return deleted;
}
