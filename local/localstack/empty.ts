import { DeleteObjectsCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { credentials, region } from './localstack.ts';

/** Deletes all versions of all objects, because only an empty bucket can be deleted. @returns their number */
export async function emptyBucket(endpoint: string, Bucket: string): Promise<number> {
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  let deleted = 0;
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket }),
    );
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) break;
    await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    deleted += Objects.length;
  }
  client.destroy();
  return deleted;
}
