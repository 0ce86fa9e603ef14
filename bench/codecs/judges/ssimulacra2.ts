import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cacheFolder, fingerprint, source } from '../../imaging/cache.ts';
import { ask } from '../../imaging/peers/program.ts';

const requirements = join(import.meta.dirname, 'requirements.txt');
const folder = join(cacheFolder, `judges-${fingerprint(source('../codecs/judges/requirements.txt'))}`);
const python = join(folder, 'bin/python');

/** A score, and that of the package itself where it was asked too. */
export interface Score {
  score: number;
  package?: number;
}

export interface Ssimulacra2 {
  /** @param check whether the package itself is asked as well, which takes seconds */
  score(reference: string, distorted: string, check?: boolean): Promise<Score>;
  stop(): void;
}

/** Installs the judge's packages where needed, in a virtual environment of their own. */
export async function installJudge(say: (line: string) => void): Promise<void> {
  if (existsSync(join(folder, 'ready'))) return;
  say('Installing the judge (SSIMULACRA2)');
  rmSync(folder, { recursive: true, force: true });
  await ask('python3', ['-m', 'venv', folder]);
  await ask(python, ['-m', 'pip', 'install', '--quiet', '--only-binary=:all:', '-r', requirements]);
  mkdirSync(join(folder, 'ready'));
}

/** One long-lived process of the judge; it answers in the order of the questions. */
export function startSsimulacra2(): Ssimulacra2 {
  const child = spawn(python, [join(import.meta.dirname, 'judge.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  });
  const answers = createInterface({ input: child.stdout });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the judge ended with ${code}`);
  });
  ended.catch(() => {});
  return {
    async score(reference, distorted, check = false) {
      const answer = once(answers, 'line');
      child.stdin.write(`${JSON.stringify({ reference, distorted, check })}\n`);
      const [line] = (await Promise.race([answer, ended])) as [string];
      return JSON.parse(line) as Score;
    },
    stop() {
      child.stdin.end();
    },
  };
}
