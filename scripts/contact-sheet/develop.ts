import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Rejection } from '../../lambda/domain/failure.ts';
import type { RenderedImage } from '../../lambda/imaging/rendered-image.ts';
import { openSandboxLane } from '../../lambda/imaging/sandbox/lane.ts';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { type Column, configOf, drawLogo, presetName } from './columns.ts';
import type { Input } from './inputs.ts';

/** One input with its result: variants in the order of the columns, or the refusal. */
export interface Row {
  input: Pick<Input, 'name' | 'note'>;
  bytes: number;
  milliseconds: number;
  outcome: { decoded: RenderedImage } | { code: string; detail: string };
}

const project = resolve(import.meta.dirname, '../..');
const imaging = join(project, 'lambda/imaging');

/** Sends each input through a real sandbox, one after the other. */
export async function* develop(inputs: readonly Input[], columns: readonly Column[]): AsyncGenerator<Row> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-contact-sheet-'));
  const settings = resolveConfig(configOf(columns));
  mkdirSync(join(root, 'assets'));
  cpSync(join(imaging, 'watermark/font'), join(root, 'assets'), { recursive: true });
  writeFileSync(join(root, 'assets/logo.png'), await drawLogo());
  writeFileSync(join(root, 'settings.json'), JSON.stringify(settings));
  const lane = openSandboxLane({
    entry: join(imaging, 'sandbox/child.ts'),
    root,
    // The sources and their packages, which a function has in one file of `root`.
    readable: [project],
    settings,
  });
  const presetNames = columns.map((_, column) => presetName(column));
  try {
    for (const input of inputs) {
      const bytes = await input.bytes();
      const started = performance.now();
      const work = lane.decode({ bytes, presetNames, tenant: 'acme', year: 2026 }, { timeoutMs: 120_000 });
      const outcome = await work.then((decoded) => ({ decoded }), refusalOf);
      yield { input, bytes: bytes.length, milliseconds: performance.now() - started, outcome };
    }
  } finally {
    lane.close();
    rmSync(root, { recursive: true, force: true });
  }
}

/** A refusal is a result; other errors end the command. */
function refusalOf(error: unknown): { code: string; detail: string } {
  if (error instanceof Rejection) return { code: error.code, detail: error.detail };
  throw error;
}
