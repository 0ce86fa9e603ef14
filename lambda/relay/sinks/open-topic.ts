import { mskToken } from '../../aws/msk-token.ts';
import { secretLogin } from '../../aws/secret-login.ts';
import type { KafkaLogin } from '../../kafka/client-options.ts';
import type { EventProducer } from '../../kafka/producer.ts';

/** Variables of the topic, as lambda/runtime/kafka-environment.ts reads them. */
export interface TopicEnvironment {
  KAFKA_BROKERS?: string | undefined;
  KAFKA_TOPIC: string;
  KAFKA_LOGIN: 'none' | 'iam' | 'scram' | 'plain';
  KAFKA_SECRET_ARN?: string | undefined;
  KAFKA_TLS: 'verify' | 'off';
  KAFKA_CA?: string | undefined;
}

/** The producer of the topic; undefined without brokers. The client (some 400 kB) is loaded with the first events. */
export function openTopic(environment: TopicEnvironment): EventProducer | undefined {
  const { KAFKA_BROKERS: brokers, KAFKA_TOPIC: topic, KAFKA_TLS: kind, KAFKA_CA: ca } = environment;
  if (brokers === undefined) return undefined;
  const load = async () => {
    const { openEventProducer } = await import('../../kafka/producer.ts');
    const tls = kind === 'off' ? ({ kind } as const) : { kind, ...(ca !== undefined && { ca }) };
    return openEventProducer({
      cluster: { brokers: brokers.split(','), tls, login: loginOf(environment) },
      topic,
    });
  };
  let opening: Promise<EventProducer> | undefined;
  const opened = () => {
    opening ??= load();
    return opening;
  };
  return {
    send: async (events, signal) => (await opened()).send(events, signal),
    close: async () => (await opening)?.close(),
  };
}

function loginOf({ KAFKA_LOGIN: kind, KAFKA_SECRET_ARN: secret }: TopicEnvironment): KafkaLogin {
  if (kind === 'none') return { kind };
  if (kind === 'iam') return { kind, token: () => mskToken() };
  if (secret === undefined) throw new TypeError(`KAFKA_LOGIN=${kind} needs KAFKA_SECRET_ARN`);
  return { kind, credentials: () => secretLogin(secret) };
}
