import { resolve } from 'node:path';
import type { FunctionName } from '../../lib/catalogue/catalogue.ts';
import { buildLocally, type LocalFunction } from '../build.ts';
import { LambdaHost } from '../lambda/host.ts';
import { home } from './home.ts';
import type { Part } from './part.ts';
import { processes } from './processes.ts';

const projectRoot = resolve(import.meta.dirname, '../..');

/** The functions' code, built unless it is current. */
export const functionCode: Part<Record<FunctionName, LocalFunction>> = {
  name: 'Functions',
  reported: true,
  async start({ options: { config, sources = projectRoot, onProgress }, use }) {
    const { functions: outDir } = use(home);
    return (await buildLocally({ config, projectRoot: sources, outDir, onProgress })).functions;
  },
};

export const functionHost: Part<LambdaHost> = {
  name: 'function host',
  start({ use }) {
    const { logs, work } = use(home);
    return LambdaHost.start({ registry: use(processes), logFolder: logs, workFolder: work });
  },
  stop: (running) => running.stop(),
  pids: (running) => running.pids(),
};
