import * as s3 from '@aws-sdk/client-s3';
import { allOf, clientConfig, type Queries } from './clients.ts';

export const bucketQueries: Queries<'buckets' | 'bucketTags'> = (options) => {
  const client = new s3.S3Client({ ...clientConfig(options), followRegionRedirects: true });
  return {
    async buckets() {
      const all = await allOf(s3.paginateListBuckets({ client }, {}), (page) => page.Buckets);
      return all.flatMap(({ Name }) => Name ?? []);
    },
    async bucketTags(Bucket) {
      const { TagSet = [] } = await client
        .send(new s3.GetBucketTaggingCommand({ Bucket }))
        .catch((error: unknown) => {
          if (error instanceof Error && error.name === 'NoSuchTagSet') return { TagSet: [] };
          throw error;
        });
      return Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value]));
    },
  };
};
