import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paceVariable } from './pace.ts';

/** What pace-piece.ts takes from start to end on two quiet cores of 2026: 90 ms of CPU and the start of a process. */
const quietMs = 100;
/** Between two measurements: 1 % of one core. */
const everyMs = 10_000;
/** The slowest of so many measurements counts, so that a lull does not shorten the limits of what runs on after it. */
const remembered = 12;
/** A test that hangs is to end within the time of a CI stage all the same. */
const most = 10;

/** Measures the pace once before the first test, and again and again until the last one. */
export async function setup(): Promise<() => void> {
  // Another project of the same run measures already.
  if (process.env[paceVariable] !== undefined) return () => undefined;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-pace-'));
  const file = join(folder, 'pace');
  const latest: number[] = [];
  const measure = async () => {
    latest.push(await paceNow());
    if (latest.length > remembered) latest.shift();
    // At once, so that nobody reads half of it.
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
