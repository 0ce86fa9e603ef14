import { join } from 'node:path';
import { startS3 } from '../../local/s3/server.ts';

/* An S3 in its own process, so that its work is not counted as the sweep's. Prints its address when it is ready. */

const [folder = '.'] = process.argv.slice(2);
const s3 = await startS3({
  folder: join(folder, 'objects'),
  buckets: ['pictures'],
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench', region: 'eu-central-1' },
  cors: { allowedOrigins: [], allowedMethods: [], allowedHeaders: [], exposeHeaders: [], maxAgeSeconds: 0 },
  spoolFolder: join(folder, 'spool'),
  port: 0,
  onCreated: async () => undefined,
  onTrouble: (line) => process.stderr.write(`${line}\n`),
});
process.send?.(s3.endpoint);
process.once('disconnect', () => void s3.close().then(() => process.exit()));
