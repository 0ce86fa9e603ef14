/* The local S3 in its own process, to be killed: it receives its folder and replies with its endpoint. */
import { join } from 'node:path';
import { startS3 } from '../../local/s3/server.ts';

const [home = ''] = process.argv.slice(2);
const s3 = await startS3({
  folder: join(home, 'objects'),
  buckets: ['pictures'],
  credentials: { accessKeyId: 'LOCALKEY', secretAccessKey: 'a secret', region: 'us-east-1' },
  cors: { allowedOrigins: [], allowedMethods: [], allowedHeaders: [], exposeHeaders: [], maxAgeSeconds: 0 },
  spoolFolder: join(home, 'spool'),
  port: 0,
  onCreated: async () => undefined,
  onTrouble: (line) => process.send?.({ trouble: line }),
});
process.send?.({ endpoint: s3.endpoint });
process.once('disconnect', () => process.exit(0));
