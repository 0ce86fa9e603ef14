import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { FunctionDefinition } from '../../local/lambda/definition.ts';
import { LambdaHost } from '../../local/lambda/host.ts';
import { ProcessRegistry } from '../../local/processes/registry.ts';
import { patience, waiting } from '../support/pace.ts';

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-local-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a function with the module `source`. @returns its definition */
export function tinyFunction(
  home: string,
  name: string,
  source: string,
  settings: Partial<FunctionDefinition> = {},
): FunctionDefinition {
  const folder = join(home, 'functions', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.mjs'), source);
  return { name, folder, timeoutSeconds: 10, memoryMb: 256, environment: {}, ...settings };
}

/** A host that is stopped after the test. */
export async function startHost(home: string, idleMs = 60_000): Promise<LambdaHost> {
  const registry = new ProcessRegistry(join(home, 'run'), home);
  const host = await LambdaHost.start({
    registry,
    logFolder: join(home, 'logs'),
    workFolder: join(home, 'work'),
    idleMs,
  });
  onTestFinished(() => host.stop());
  return host;
}

/** Polls until the probe returns a value other than undefined and false, for `ms` of a quiet machine. */
export async function eventually<Value>(
  probe: () => Value | undefined | false | Promise<Value | undefined | false>,
  what: string,
  ms = 10_000,
): Promise<Value> {
  const isOver = waiting(ms);
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (isOver()) throw new Error(`Waited ${patience(ms)} ms in vain: ${what}`);
    await pause(10);
  }
}
