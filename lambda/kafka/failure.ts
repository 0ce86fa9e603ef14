/**
 * - `topic_missing`: the topic does not exist, and Sluice makes none;
 * - `credentials_refused`: the brokers want other credentials, or another mechanism;
 * - `access_denied`: the credentials are right but may not write to the topic;
 * - `certificate_refused`: the brokers' certificate is not trusted;
 * - `event_too_large`: the topic takes only smaller messages;
 * - `kafka_unavailable`: no answer, or one that a retry may better.
 */
export type KafkaCode =
  | 'topic_missing'
  | 'credentials_refused'
  | 'access_denied'
  | 'certificate_refused'
  | 'event_too_large'
  | 'kafka_unavailable';

/** Kafka did not take the events. All but `kafka_unavailable` last until somebody changes something. */
export class KafkaFailure extends Error {
  override readonly name = 'KafkaFailure';
  readonly code: KafkaCode;
  constructor(code: KafkaCode, message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options);
    this.code = code;
  }
}

const byApiId: Readonly<Record<string, KafkaCode>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'topic_missing',
  UNKNOWN_TOPIC_ID: 'topic_missing',
  SASL_AUTHENTICATION_FAILED: 'credentials_refused',
  UNSUPPORTED_SASL_MECHANISM: 'credentials_refused',
  TOPIC_AUTHORIZATION_FAILED: 'access_denied',
  CLUSTER_AUTHORIZATION_FAILED: 'access_denied',
  MESSAGE_TOO_LARGE: 'event_too_large',
  RECORD_LIST_TOO_LARGE: 'event_too_large',
};

/** Codes of Node for certificates that are not trusted (tls.html, "X509 certificate error codes"), and of a wrong name. */
const certificateCodes =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET_ISSUER|VERIFY)|INVALID_CA|ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)/;

/** Translates an error of the client. `where` says which topic or brokers, for the log. */
export function kafkaFailure(error: unknown, where: string): KafkaFailure {
  if (error instanceof KafkaFailure) return error;
  const errors = allErrors(error);
  const code =
    errors.map(({ apiId }) => byApiId[String(apiId)]).find((found) => found !== undefined) ??
    // The client replaces the brokers' error by one without a code.
    (errors.some(({ message }) => message.startsWith('Unknown topic '))
      ? 'topic_missing'
      : errors.some((one) => certificateCodes.test(String(one.code)))
        ? 'certificate_refused'
        : errors.some((one) => one.code === 'PLT_KFK_AUTHENTICATION')
          ? 'credentials_refused'
          : 'kafka_unavailable');
  return new KafkaFailure(code, `${where}: ${errors.at(-1)?.message ?? String(error)}`, { cause: error });
}

interface Shaped {
  message: string;
  code?: unknown;
  apiId?: unknown;
}

/** The error with everything that it wraps, the innermost last. */
function allErrors(error: unknown): Shaped[] {
  if (!(error instanceof Error)) return [];
  const inner = [error.cause, ...(error instanceof AggregateError ? error.errors : [])];
  return [error as Shaped, ...inner.flatMap(allErrors)];
}
