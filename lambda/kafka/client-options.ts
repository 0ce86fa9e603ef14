import { AuthenticationError, type ProducerOptions } from '@platformatic/kafka';

/** How to log in. `token` is called for each connection, because tokens live for minutes. */
export type KafkaLogin =
  | { kind: 'none' }
  | { kind: 'scram' | 'plain'; credentials: () => Promise<{ username: string; password: string }> }
  | { kind: 'iam'; token: () => Promise<string> };

/** Where a cluster is and how to reach it. */
export interface KafkaCluster {
  /** host:port of some brokers; they name the others. */
  brokers: readonly string[];
  /** `verify` checks the certificate against the system's roots, or `ca` (PEM). */
  tls: { kind: 'off' } | { kind: 'verify'; ca?: string };
  login: KafkaLogin;
}

/** Same region: a connect takes milliseconds. Each attempt is bounded, so that a call ends within its time. */
const limits = { connectTimeout: 3_000, timeout: 5_000, requestTimeout: 5_000, retries: 2, retryDelay: 200 };

type Base = Pick<
  ProducerOptions<Buffer, Buffer, Buffer, Buffer>,
  'clientId' | 'bootstrapBrokers' | 'tls' | 'tlsServerName' | 'sasl'
>;

/** Options of the client's constructors. */
export function clientOptions({ brokers, tls, login }: KafkaCluster, clientId: string): Base & typeof limits {
  return {
    ...limits,
    clientId,
    bootstrapBrokers: [...brokers],
    ...(tls.kind === 'verify' && {
      tls: { rejectUnauthorized: true, ...(tls.ca !== undefined && { ca: tls.ca }) },
      tlsServerName: true,
    }),
    ...saslOptions(login),
  };
}

function saslOptions(login: KafkaLogin): Pick<Base, 'sasl'> {
  switch (login.kind) {
    case 'none':
      return {};
    case 'iam':
      return { sasl: { mechanism: 'OAUTHBEARER', token: login.token, authBytesValidator: refuseChallenge } };
    default:
      return {
        sasl: {
          mechanism: login.kind === 'scram' ? 'SCRAM-SHA-512' : 'PLAIN',
          username: async () => (await login.credentials()).username,
          password: async () => (await login.credentials()).password,
        },
      };
  }
}

/** A broker answers a wrong token with its reason as JSON, not with an error (RFC 7628, 3.2.2). */
const refuseChallenge: NonNullable<NonNullable<Base['sasl']>['authBytesValidator']> = (bytes, callback) => {
  if (bytes.length === 0) callback(null, bytes);
  else
    callback(
      new AuthenticationError(`The brokers refused the token: ${bytes.toString('utf8', 0, 200)}`),
      bytes,
    );
};
