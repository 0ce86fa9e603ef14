import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EncodedImage, RenderedImage } from '../../../lambda/imaging/rendered-image.ts';
import {
  openSandboxLane,
  type SandboxLane,
  type SandboxLaneOptions,
} from '../../../lambda/imaging/sandbox/lane.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import type { ResolvedConfig, SluiceConfig } from '../../../lib/config/schema.ts';
import { patience } from '../../support/pace.ts';
import { withPlainFormats } from '../../support/plain-formats.ts';

export const project = resolve(import.meta.dirname, '../../..');
export const sandboxEntry = join(project, 'lambda/imaging/sandbox/child.ts');

/** The default presets, as WebP and JPEG. */
export const defaultConfig: SluiceConfig = {
  presets: withPlainFormats({
    large: { width: 1600, height: 1600, watermarks: ['brand'] },
    medium: { width: 800, height: 800, watermarks: ['brand'] },
    small: { width: 320, height: 320 },
  }),
  watermarks: { brand: { type: 'text', text: 'Sluice', scale: 0.2, margin: 0.03, opacity: 0.7 } },
};

/** A folder for the sandbox as the build makes it: settings.json and assets. `remove` deletes it. */
export function sandboxFolder(config: SluiceConfig, files: Record<string, Buffer> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'sluice-decoder-'));
  const settings = resolveConfig(config);
  mkdirSync(join(root, 'assets'));
  cpSync(join(project, 'lambda/imaging/watermark/font'), join(root, 'assets'), { recursive: true });
  writeFileSync(join(root, 'settings.json'), JSON.stringify(settings));
  for (const [path, bytes] of Object.entries(files)) writeFileSync(join(root, path), bytes);
  return { root, settings, remove: () => rmSync(root, { recursive: true, force: true }) };
}

export interface TestLane {
  lane: SandboxLane;
  root: string;
  settings: ResolvedConfig;
  /** Decodes to these presets, or to all of the settings. */
  decode(bytes: Uint8Array, presetNames?: string[], timeoutMs?: number): Promise<RenderedImage>;
  close(): void;
}

/** A lane with a real child and its own folder; `close` ends both. */
export function openLane(
  config: SluiceConfig,
  options: Partial<SandboxLaneOptions> = {},
  files: Record<string, Buffer> = {},
): TestLane {
  const { root, settings, remove } = sandboxFolder(config, files);
  const lane = openSandboxLane({
    entry: sandboxEntry,
    root,
    // The sources are in the project, the settings in the test's folder.
    readable: [project],
    settings,
    ...options,
  });
  return {
    lane,
    root,
    settings,
    decode: (bytes, presetNames = Object.keys(settings.presets), timeoutMs = patience(30_000)) =>
      lane.decode({ bytes, presetNames, tenant: 'test', year: 2026 }, { timeoutMs }),
    close() {
      lane.close();
      remove();
    },
  };
}

/** The same, closed with the test. */
export function useLane(...args: Parameters<typeof openLane>): TestLane {
  const opened = openLane(...args);
  onTestFinished(() => opened.close());
  return opened;
}

/** A variant by name, as `large.webp`. */
export function variantOf<Made extends EncodedImage>(decoded: Made, name: string): Made['variants'][number] {
  const found = decoded.variants.find(({ preset, format }) => `${preset}.${format}` === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}
