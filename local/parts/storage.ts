import { rememberedPort, rememberPort } from '../home/ports.ts';
import { PortTaken } from '../http/listen.ts';
import { region } from '../lambda/variables.ts';
import { createdEvent } from '../s3/created-event.ts';
import { type RunningS3, startS3 } from '../s3/server.ts';
import { home, log, secrets } from './home.ts';
import type { Part } from './part.ts';
import { uploadEvents } from './upload-events.ts';

export const bucketName = 'sluice-local';

/** S3, on the port that it had before if that is free: presigned URLs of an earlier run stay valid. */
export const storage: Part<RunningS3> = {
  name: 'S3',
  reported: true,
  async start({ options: { config, storageFaults, duplicateEvents }, use }) {
    const { objects, spool, ports } = use(home);
    const { accessKeyId, secretAccessKey } = use(secrets);
    const start = (port: number) =>
      startS3({
        folder: objects,
        buckets: [bucketName],
        credentials: { accessKeyId, secretAccessKey, region },
        // The same as in lib/storage/bucket.ts.
        cors: {
          allowedOrigins: config.deploy.origins,
          allowedMethods: ['POST', 'GET', 'HEAD'],
          allowedHeaders: ['*'],
          exposeHeaders: ['ETag', 'Location'],
          maxAgeSeconds: 3600,
        },
        spoolFolder: spool,
        port,
        onTrouble: (line) => use(log)(`s3: ${line}`),
        ...(storageFaults === undefined ? {} : { faults: storageFaults }),
        onCreated: async (object) => {
          // The events of the bucket's notification in lib/storage/bucket.ts.
          const wanted = object.by === 'Post' || object.by === 'CompleteMultipartUpload';
          if (!wanted || !object.key.startsWith('incoming/')) return;
          const event = createdEvent(object);
          await use(uploadEvents).add(event);
          if (duplicateEvents?.()) await use(uploadEvents).add(event);
        },
      });
    const s3 = await start(rememberedPort(ports)).catch((error: unknown) => {
      if (error instanceof PortTaken) return start(0);
      throw error;
    });
    rememberPort(ports, s3.port);
    return s3;
  },
  stop: (running) => running.close(),
};
