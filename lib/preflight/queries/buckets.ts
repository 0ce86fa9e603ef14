import { GetBucketTaggingCommand, paginateListBuckets, S3Client } from '@aws-sdk/client-s3';
import type { AccountQueries } from '../account-queries.ts';
import { allOf, type ClientOptions, clientConfig } from './clients.ts';

export function bucketQueries(options: ClientOptions): Pick<AccountQueries, 'buckets' | 'bucketTags'> {
  const client = new S3Client({ ...clientConfig(options), followRegionRedirects: true });
  return {
    async buckets() {
      const all = await allOf(paginateListBuckets({ client }, {}), (page) => page.Buckets);
      return all.flatMap(({ Name }) => Name ?? []);
    },
    async bucketTags(Bucket) {
      const { TagSet = [] } = await client
        .send(new GetBucketTaggingCommand({ Bucket }))
        .catch((error: unknown) => {
          if (error instanceof Error && error.name === 'NoSuchTagSet') return { TagSet: [] };
          throw error;
        });
      return Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value]));
    },
  };
}
