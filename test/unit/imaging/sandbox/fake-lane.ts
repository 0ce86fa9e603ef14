import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Rejection, TransientFailure } from '../../../../lambda/domain/failure.ts';
import type { SandboxLaneOptions } from '../../../../lambda/imaging/sandbox/lane.ts';
import { resolveConfig } from '../../../../lib/config/resolve.ts';
import { defaultConfig, type TestLane, useLane } from '../sandbox-folder.ts';
import { signature } from './fake-sandbox-request.ts';

type FakeOptions = Partial<SandboxLaneOptions> & { decodeTimeoutMs?: number };

/** A lane with the fake sandbox (fake-sandbox.ts); closed with the test. */
export function useFake({ decodeTimeoutMs = 60_000, ...options }: FakeOptions = {}): TestLane {
  const entry = join(import.meta.dirname, 'fake-sandbox.ts');
  const { presets, limits, inputs } = resolveConfig(defaultConfig);
  return useLane(defaultConfig, {
    entry,
    settings: { presets, inputs, limits: { ...limits, decodeTimeoutMs } },
    ...options,
  });
}

/** A file that begins like a PNG and contains an instruction to the fake sandbox. */
export function order(text: string): Buffer {
  return Buffer.concat([signature, Buffer.from(text)]);
}

export function failure(work: Promise<unknown>): Promise<Rejection | TransientFailure> {
  return work.then(
    () => expect.fail('it should have failed'),
    (error: Rejection | TransientFailure) => error,
  );
}

/** User CPU time of a child, in ticks of 10 ms. */
export function ticksOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[11] ?? 0);
}

export function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}
