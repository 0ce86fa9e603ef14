import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../domain/settings.ts';

/** The function's folder, with its bundle, `settings.json` and the files that the settings name. */
export function taskRoot(): string {
  return process.env.LAMBDA_TASK_ROOT ?? process.cwd();
}

/** Reads the settings that the build wrote beside the bundle. The build validated them. */
export function readSettings(root: string = taskRoot()): Settings {
  return JSON.parse(readFileSync(join(root, 'settings.json'), 'utf8')) as Settings;
}
