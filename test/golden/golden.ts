import { afterAll } from 'vitest';
import type { RenderedImage, RenderedVariant } from '../../lambda/imaging/rendered-image.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { patience } from '../support/pace.ts';
import { openLane } from '../unit/imaging/sandbox-folder.ts';
import { Oracle, type Picture } from './oracle.ts';

export interface Golden {
  oracle: Oracle;
  /** Decodes in a real child, to all presets of the configuration or the given ones. */
  decode(bytes: Uint8Array, presetNames?: string[]): Promise<RenderedImage>;
  /** The first variant, for configurations of one preset and one format. */
  variant(bytes: Uint8Array, preset?: string): Promise<RenderedVariant>;
  /** That variant as the oracle reads it. */
  seen(bytes: Uint8Array, preset?: string): Promise<Picture>;
}

/** Memory and time for many large presets at once, as a deployment would need. */
const largeWorker = { process: { memoryMb: 10_240 }, limits: { decodeTimeoutMs: 60_000 } };

/** A sandbox with this configuration, and an oracle; both end with the test file. */
export function openGolden(config: SluiceConfig, files: Record<string, Buffer> = {}): Golden {
  const limits = { ...largeWorker.limits, ...config.limits };
  const { lane, settings, close } = openLane({ ...largeWorker, ...config, limits }, {}, files);
  const oracle = new Oracle();
  afterAll(async () => {
    close();
    await oracle.close();
  });
  const decode: Golden['decode'] = (bytes, presetNames = Object.keys(settings.presets)) =>
    lane.decode({ bytes, presetNames, tenant: 'golden', year: 2026 }, { timeoutMs: patience(60_000) });
  const variant: Golden['variant'] = async (bytes, preset) => {
    const { variants } = await decode(bytes, preset === undefined ? undefined : [preset]);
    return variants[0] as RenderedVariant;
  };
  return {
    oracle,
    decode,
    variant,
    seen: async (bytes, preset) => oracle.seen((await variant(bytes, preset)).bytes),
  };
}

/** A lossless preset that changes nothing, so that a test compares the decoding and not an encoder. */
export const untouched: SluiceConfig['presets'][string] = { width: 8192, height: 8192, formats: ['png'] };
