import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paceVariable } from './pace.ts';

/** Duration of pace-piece.ts on two quiet cores of 2026: 90 ms of CPU and the start of a process. */
const quietMs = 100;
/** Pause between two measurements, so that they take 1 % of one core. */
const everyMs = 10_000;
/** The slowest of so many measurements counts, so that a lull does not shorten the limits of running tests. */
const remembered = 12;
/** So that a test that hangs still ends within the time of a CI stage. */
const most = 10;

/** Measures the pace before the first test, and repeatedly until the last one. */
export async function setup(): Promise<() => void> {
  // Another project of the same run is measuring already.
  if (process.env[paceVariable] !== undefined) return () => undefined;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-pace-'));
  const file = join(folder, 'pace');
  const latest: number[] = [];
  const measure = async () => {
    latest.push(await paceNow());
    if (latest.length > remembered) latest.shift();
    // Atomically, so that readers never see half of it.
    writeFileSync(`${file}.new`, String(Math.min(most, Math.max(1, ...latest))));
    renameSync(`${file}.new`, file);
  };
  await measure();
  process.env[paceVariable] = file;
  let timer: NodeJS.Timeout;
  const later = () => {
    timer = setTimeout(
      () =>
        void measure()
          .catch(() => undefined)
          .then(later),
      everyMs,
    ).unref();
  };
  later();
  return () => {
    clearTimeout(timer);
    rmSync(folder, { recursive: true, force: true });
  };
}

async function paceNow(): Promise<number> {
  const began = performance.now();
  const piece = spawn(process.execPath, [join(import.meta.dirname, 'pace-piece.ts')], { stdio: 'ignore' });
  await once(piece, 'exit');
  return (performance.now() - began) / quietMs;
}
