import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Rejection } from '../../lambda/domain/failure.ts';
import type { Decoded } from '../../lambda/imaging/rendered-image.ts';
import { openDecoderLane } from '../../lambda/imaging/sandbox/lane.ts';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { type Column, configOf, drawLogo, presetName } from './columns.ts';
import type { Input } from './inputs.ts';

/** One input with what became of it: variants in the order of the columns, or why it was refused. */
export interface Row {
  input: Pick<Input, 'name' | 'note'>;
  bytes: number;
  milliseconds: number;
  outcome: { decoded: Decoded } | { code: string; detail: string };
}

const project = resolve(import.meta.dirname, '../..');
const imaging = join(project, 'lambda/imaging');

/** Sends each input through a real decoder child, one after the other. */
export async function* develop(inputs: readonly Input[], columns: readonly Column[]): AsyncGenerator<Row> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-contact-sheet-'));
  const settings = resolveConfig(configOf(columns));
  mkdirSync(join(root, 'assets'));
  cpSync(join(imaging, 'watermark/font'), join(root, 'assets'), { recursive: true });
  writeFileSync(join(root, 'assets/logo.png'), await drawLogo());
  writeFileSync(join(root, 'settings.json'), JSON.stringify(settings));
  const lane = openDecoderLane({
    entry: join(imaging, 'sandbox/decoder.ts'),
    root,
    // The sources and their packages, which in a function are one file of `root`.
    readable: [project],
    settings,
  });
  const presetNames = columns.map((_, column) => presetName(column));
  try {
    for (const input of inputs) {
      const bytes = await input.bytes();
      const started = performance.now();
      const work = lane.decode({ bytes, presetNames, tenant: 'acme', year: 2026 }, { timeoutMs: 120_000 });
      const outcome = await work.then((decoded) => ({ decoded }), told);
      yield { input, bytes: bytes.length, milliseconds: performance.now() - started, outcome };
    }
  } finally {
    lane.close();
    rmSync(root, { recursive: true, force: true });
  }
}

/** A refusal is a result; anything else is a fault of ours and ends the command. */
function told(error: unknown): { code: string; detail: string } {
  if (error instanceof Rejection) return { code: error.code, detail: error.detail };
  throw error;
}
