import { ConfigMistakes } from '../../lib/config/resolve.ts';

/** A topic of brokers without TLS and login. */
export interface LocalTopic {
  /** host:port */
  brokers: readonly string[];
  name: string;
}

/** Of lib/config/kafka.ts too. */
const usualName = 'sluice-image-events';

/**
 * The topic of SLUICE_KAFKA: `host:port[,host:port…][/topic]`. The configuration's `events.kafka` is for AWS, so that
 * `npm start` reaches no cluster that nobody named here.
 * @throws ConfigMistakes
 */
export function localTopic(given: string | undefined): LocalTopic | undefined {
  if (given === undefined || given === '') return undefined;
  const [, brokers = '', name = usualName] =
    /^([A-Za-z0-9.-]+:\d{1,5}(?:,[A-Za-z0-9.-]+:\d{1,5})*)(?:\/([a-zA-Z0-9._-]{1,249}))?$/.exec(given) ?? [];
  if (brokers === '') throw new ConfigMistakes(['not host:port,… or host:port,…/topic'], 'SLUICE_KAFKA');
  return { brokers: brokers.split(','), name };
}
