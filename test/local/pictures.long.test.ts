import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { openClient } from '../support/client.ts';
import { smallPhoto } from '../support/pictures.ts';
import { startTestPipeline } from '../support/pipeline.ts';

describe('a changed preset', () => {
  const home = mkdtempSync(join(tmpdir(), 'sluice-home-'));
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('a changed preset makes new variants, and old URLs stay valid', async () => {
    const photo = await smallPhoto(7, 200, 100);
    const keysOf = async (width: number) => {
      const pipeline = await startTestPipeline({ presets: { only: { width, formats: ['webp'] } } }, { home });
      try {
        const client = openClient(pipeline.url, pipeline.apiKey);
        const image = await client.finished(await client.direct(photo));
        expect(image.variants[0]?.width).toBe(width);
        return {
          id: image.id,
          sha256: image.variants[0]?.sha256,
          keys: await pipeline.derivedKeys(image.id),
        };
      } finally {
        await pipeline.stop();
      }
    };
    const [before, after] = [await keysOf(100), await keysOf(50)];
    const recipe = (keys: string[]) => /only\.([0-9a-f]{8})\.[0-9a-f]{12}\.webp$/.exec(keys[0] ?? '')?.[1];
    expect(recipe(before.keys)).toBeDefined();
    expect(recipe(after.keys)).toBeDefined();
    expect(recipe(after.keys)).not.toBe(recipe(before.keys));

    const pipeline = await startTestPipeline(
      { presets: { only: { width: 50, formats: ['webp'] } } },
      { home },
    );
    try {
      const client = openClient(pipeline.url, pipeline.apiKey);
      const image = await client.get(before.id);
      expect(image.variants[0]?.sha256).toBe(before.sha256);
      const response = await fetch(image.variants[0]?.url ?? '');
      expect((await sharp(await response.arrayBuffer()).metadata()).width).toBe(100);
    } finally {
      await pipeline.stop();
    }
  });
});
