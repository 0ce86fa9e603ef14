import { join } from 'node:path';
import type { Certificate } from '../certificate.ts';

/** The listener with TLS and SASL. */
export interface SecureListener {
  /** For `localhost`. */
  certificate: Certificate;
  /** OAUTHBEARER is Kafka's own for tests (unsecured JSON Web Tokens): it refuses tokens for MSK. */
  mechanisms: readonly ('SCRAM-SHA-512' | 'PLAIN' | 'OAUTHBEARER')[];
}
export interface Login {
  username: string;
  password: string;
}

/** Configuration of one node that is broker and controller. */
export function brokerProperties({
  folder,
  port,
  controllerPort,
  securePort,
  secure,
  logins = [],
}: {
  folder: string;
  port: number;
  controllerPort: number;
  securePort: number;
  secure?: SecureListener;
  logins?: readonly Login[];
}): string {
  const open = [`PLAINTEXT://127.0.0.1:${port}`, ...(secure ? [`SASL_SSL://localhost:${securePort}`] : [])];
  const properties: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: [...open, `CONTROLLER://127.0.0.1:${controllerPort}`].join(','),
    'advertised.listeners': open.join(','),
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    // A missing topic is an error.
    'auto.create.topics.enable': 'false',
    // Otherwise the first member waits for others for 3 s.
    'group.initial.rebalance.delay.ms': 0,
    // Tests of lost members need short sessions.
    'group.min.session.timeout.ms': 1_000,
    ...(secure && secureProperties(secure, logins)),
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${String(value).replaceAll('\n', '\\n')}\n`)
    .join('');
}

function secureProperties({ certificate, mechanisms }: SecureListener, logins: readonly Login[]) {
  const security = 'org.apache.kafka.common.security';
  const users = logins.map(({ username, password }) => `user_${username}="${password}"`).join(' ');
  const login = {
    'SCRAM-SHA-512': `${security}.scram.ScramLoginModule required;`,
    PLAIN: `${security}.plain.PlainLoginModule required ${users};`,
    OAUTHBEARER: `${security}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
  };
  const listener = 'listener.name.sasl_ssl';
  return {
    [`${listener}.sasl.enabled.mechanisms`]: mechanisms.join(','),
    [`${listener}.ssl.keystore.type`]: 'PEM',
    [`${listener}.ssl.keystore.certificate.chain`]: certificate.cert,
    [`${listener}.ssl.keystore.key`]: certificate.key,
    ...Object.fromEntries(
      mechanisms.map((name) => [`${listener}.${name.toLowerCase()}.sasl.jaas.config`, login[name]]),
    ),
  };
}
