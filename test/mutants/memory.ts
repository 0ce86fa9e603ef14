import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Trial } from './collect.ts';

/**
 * Results of earlier runs, so that an interrupted run continues. A detected mutant counts while its source is the same; an
 * undetected one is tried again when any test changes.
 */
export function openMemory(file: string, projectRoot: string) {
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {};
  const contents = (folder: string) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.startsWith('mutants/'))
      .sort()
      .map((path) => readFileSync(join(projectRoot, folder, path), 'utf8'));
  const tests = digest(...contents('test'));
  const sources = digest(...['lambda', 'lib', 'local'].flatMap(contents));
  const whole = (path: string) => digest('whole', tests, sources, path);
  const red = ({ file: path, source, tests: files }: Trial) => digest('red', path, source, ...files);
  const green = (trial: Trial) => digest('green', trial.file, trial.source, tests);
  return {
    /** The failed test; undefined if all passed; null if not tried. */
    recall(trial: Trial): string | undefined | null {
      if (red(trial) in kept) return kept[red(trial)];
      return green(trial) in kept ? undefined : null;
    },
    /** Those not yet undetected on the current sources and tests. */
    unseen: (files: readonly string[]): string[] => files.filter((path) => !(whole(path) in kept)),
    rememberGreen(files: readonly string[]): void {
      for (const path of files) kept[whole(path)] = '';
      writeFileSync(file, JSON.stringify(kept));
    },
    remember(trial: Trial, test: string | undefined): void {
      if (test === undefined) kept[green(trial)] = '';
      else kept[red(trial)] = test;
      writeFileSync(file, JSON.stringify(kept));
    },
  };
}

function digest(...parts: string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex').slice(0, 24);
}
