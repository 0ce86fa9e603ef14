import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codecEnvironment } from '../../../lambda/imaging/sandbox/environment.ts';
import { presetSets } from '../build.ts';
import type { Command } from './worker.ts';

const here = import.meta.dirname;

/** Paths of the ways. */
export interface Places {
  task: string;
  /** The folder of the function `process`. */
  root: string;
}

/** Sluice with one of the sets of presets, through its sandbox or in this process. */
export function sluice(
  { task, root }: Places,
  set: keyof typeof presetSets,
  mode: 'lane' | 'in-process',
): Command {
  return {
    command: process.execPath,
    args: [join(here, 'sluice.ts'), task, root, presetSets[set], mode],
    env: {
      ...codecEnvironment,
      FONTCONFIG_FILE: join(root, 'assets/fonts.conf'),
      XDG_CACHE_HOME: tmpdir(),
    },
  };
}

/** Sluice in one process, which writes its profile to `out`. */
export function steps({ task, root }: Places, out: string): Command {
  const { command, args, env = {} } = sluice({ task, root }, 'default', 'in-process');
  return { command, args: [join(here, 'steps.ts'), ...args.slice(1, -1), out], env };
}

/** Six sharp pipelines from the original, or as many as the task has outputs. */
export function plain({ task }: Places): Command {
  return { command: process.execPath, args: [join(here, 'plain.ts'), task], env: codecEnvironment };
}
