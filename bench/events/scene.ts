import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Consumer } from '@platformatic/kafka';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { type RunningPipeline, startPipeline } from '../../local/pipeline.ts';
import { config as shipped } from '../../sluice.config.ts';
import { makeAuthority } from '../../test/support/certificate.ts';
import { type Receiver, startReceiver } from '../../test/support/https-receiver.ts';
import { type Broker, startBroker } from '../../test/support/kafka/broker.ts';
import { paceVariable } from '../../test/support/pace.ts';

const topic = 'image-events';

export interface Scene {
  pipeline: RunningPipeline;
  receiver: Receiver;
  /** Calls back for each event of the topic. */
  readTopic(take: (value: string) => void): Promise<void>;
  close(): Promise<void>;
}

/** The local pipeline with Kafka, a receiver of webhooks, and a consumer of a group of its own. */
export async function openScene(say: (line: string) => void): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-events-'));
  const authority = makeAuthority();
  writeFileSync(join(folder, 'authority.pem'), authority.cert);
  // The runner gives it to `deliver`.
  process.env.NODE_EXTRA_CA_CERTS = join(folder, 'authority.pem');
  // Limits of the broker's start on a busy machine; nothing that is measured.
  writeFileSync(join(folder, 'pace'), '5');
  process.env[paceVariable] ??= join(folder, 'pace');
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const broker: Broker = await startBroker();
    ends.push(() => broker.stop());
    await broker.createTopic(topic, 3);
    const receiver = await startReceiver(authority);
    ends.push(() => receiver.close());
    const pipeline = await startPipeline({
      config: resolveConfig({ ...shipped, webhooks: { allowPrivate: true, endpointsPerTenant: 100 } }),
      home: join(folder, 'home'),
      port: 0,
      topic: { brokers: [broker.address], name: topic },
      onProgress: say,
    });
    ends.push(() => pipeline.stop());
    return {
      pipeline,
      receiver,
      async readTopic(take) {
        const consumer = new Consumer({
          clientId: 'bench',
          groupId: 'bench',
          bootstrapBrokers: [broker.address],
        });
        const stream = await consumer.consume({ topics: [topic], mode: 'latest', maxWaitTime: 100 });
        stream.on('data', ({ value }) => take(value.toString()));
        ends.push(() => consumer.close(true));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
