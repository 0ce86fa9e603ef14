import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Creates the folder for synthesised output, and removes it after the last file: files share their modules. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-infra-'));
  process.env.SLUICE_INFRA_FOLDER = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
