import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../domain/settings.ts';

/** The function's folder: the bundle, `settings.json` and the files it names. */
export function taskRoot(): string {
  return process.env.LAMBDA_TASK_ROOT ?? process.cwd();
}

/** Reads the settings that the build validated and wrote beside the bundle. */
export function readSettings(root: string = taskRoot()): Settings {
  return JSON.parse(readFileSync(join(root, 'settings.json'), 'utf8')) as Settings;
}
