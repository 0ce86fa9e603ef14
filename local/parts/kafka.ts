import { KafkaMapping } from '../kafka/mapping.ts';
import { functionHost } from './function-host.ts';
import { log } from './home.ts';
import type { Part } from './part.ts';

/** As lib/events/kafka-source.ts maps them. */
const maxRecords = 50;
const maxConcurrency = 2;
/** Invocations under way get this long when the runner stops. */
const graceMs = 3_000;

/** The consumers of events. */
export const consumerNames = ['analytics', 'audit'] as const;
export type ConsumerName = (typeof consumerNames)[number];

/** The mappings between the topic and the consumers, each a group of its own; none without a topic. */
export const kafkaMappings: Part<Partial<Record<ConsumerName, KafkaMapping>>> = {
  name: 'event source mappings of Kafka',
  start({ options: { topic }, use }) {
    if (topic === undefined) return {};
    const mapped = (name: ConsumerName) =>
      new KafkaMapping({
        brokers: topic.brokers,
        topic: topic.name,
        groupId: `sluice-${name}`,
        maxRecords,
        maxConcurrency,
        invoke: (event) => use(functionHost).invoke(name, event),
        onTrouble: (line) => use(log)(`Kafka mapping of ${name}: ${line}`),
      });
    return { analytics: mapped('analytics'), audit: mapped('audit') };
  },
  async stop(running) {
    const { promise: late, resolve: giveUp } = Promise.withResolvers<void>();
    const timer = setTimeout(giveUp, graceMs);
    await Promise.race([Promise.all(Object.values(running).map((one) => one.stop())), late]);
    clearTimeout(timer);
  },
};
