import { ProcessRegistry } from '../processes/registry.ts';
import { home } from './home.ts';
import type { Part } from './part.ts';

/** The record of all child processes; those that a killed runner left are ended first. */
export const processes: Part<ProcessRegistry> = {
  name: 'processes',
  async start({ options, use }) {
    const { processes: folder, root } = use(home);
    const registry = new ProcessRegistry(folder, root);
    const ended = await registry.endOrphans();
    if (ended > 0) options.onProgress(`Ended ${ended} processes left by an earlier run`);
    return registry;
  },
};
