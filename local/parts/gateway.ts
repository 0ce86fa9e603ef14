import { availableParallelism } from 'node:os';
import { onlyOne } from '../../lib/catalogue/select.ts';
import { type RunningGateway, startGateway } from '../gateway/gateway.ts';
import { functionHost } from './function-host.ts';
import { log, secrets } from './home.ts';
import type { Part } from './part.ts';

/** The HTTP server. It returns 503 until `http` has started. */
export const gateway: Part<RunningGateway> = {
  name: 'gateway',
  start: ({ options: { port, config }, use }) =>
    startGateway({
      port,
      concurrency: Math.min(config.api.maxConcurrency, 2 * availableParallelism() + 2),
      onTrouble: use(log),
    }),
  stop: (running) => running.close(),
};

export const http: Part<RunningGateway> = {
  name: 'requests',
  start({ use }) {
    const { apiKey } = use(secrets);
    use(gateway).open({
      apiKey,
      invoke: (event) => use(functionHost).invoke(onlyOne('rest-api'), event),
      stream: (event, take) => use(functionHost).invoke(onlyOne('rest-stream'), event, take),
    });
    return use(gateway);
  },
  stop: (running) => running.shut(),
};
