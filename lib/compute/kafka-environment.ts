import type { VariablesOf } from '../../lambda/runtime/environment-parts.ts';
import type { KafkaConfig } from '../config/kafka.ts';

/** Variables of the topic; none without Kafka. */
export function kafkaEnvironment(kafka: KafkaConfig | undefined): VariablesOf<'kafka'> {
  if (kafka === undefined) return {};
  const { brokers, topic, login, tls } = kafka;
  return {
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_TOPIC: topic,
    KAFKA_LOGIN: login.kind,
    KAFKA_TLS: tls,
    ...('secretArn' in login && { KAFKA_SECRET_ARN: login.secretArn }),
  };
}
