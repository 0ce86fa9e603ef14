import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { ImageResponse } from '../support/client.ts';
import { smallPhoto } from '../support/pictures.ts';
import { behaviour } from './support/behaviour.ts';
import { calm, depth, holds } from './support/queues.ts';
import type { Target } from './support/target.ts';

/* Behaviours of a deployment. It is the last file of a run, because it destroys the deployment. */

/** Jobs in the queue above which the producer waits. */
const enough = 12;

behaviour(
  'no resource of the template was skipped silently',
  {
    on: ['localstack', 'aws'],
    proves: 'each type of the template has a provider, or is on the list of known unsupported types',
    needs: 'log',
  },
  async (target) => {
    expect(controls(target).surprises).toEqual([]);
  },
);

behaviour(
  'a deployment with a changed preset loses no job in flight, and later images have the new preset',
  {
    on: ['localstack', 'aws'],
    proves:
      'code and settings change under load: old jobs become ready, and new images use the new configuration',
    timeoutMs: 300_000,
  },
  async (target) => {
    const { client } = target;
    await calm(target);
    const photo = await smallPhoto(51, 1600, 1200);
    const before = await client.finished(await client.upload(photo));
    expect(widthOfSmall(before)).toBe(320);

    const ids: string[] = [];
    let deploying = true;
    const produce = async () => {
      while (deploying) {
        const started = Array.from({ length: 3 }, () => client.upload(photo));
        // Only accepted images count; LocalStack returns 503 while it replaces the API's function.
        for (const upload of await Promise.allSettled(started))
          if (upload.status === 'fulfilled') ids.push(upload.value);
        // Enough to always have jobs in flight, checked rarely because LocalStack is deploying at the same time.
        while (deploying && (await depth(target, 'jobs')) >= enough) await pause(500);
      }
    };
    // Not during the synthesis, which takes the cores for half a minute.
    let producer: Promise<void> | undefined;
    await controls(target)
      .deployAgain('changed-config.ts', () => {
        producer ??= produce();
      })
      .finally(() => {
        deploying = false;
      });
    await producer;

    // An interrupted batch returns after its visibility timeout.
    const images = await Promise.all(ids.map((id) => client.finished(id, 120_000)));
    expect(images.filter(({ status }) => status !== 'ready')).toEqual([]);
    // Jobs were in flight when the code changed: the old one processed some, the new one others.
    expect(new Set(images.map(widthOfSmall))).toEqual(new Set([320, 200]));
    await holds(target, 'jobs', 0);
    expect(await depth(target, 'deadLetters')).toBe(0);

    const after = await client.finished(await client.upload(photo));
    expect(widthOfSmall(after)).toBe(200);
  },
);

behaviour(
  'cdk destroy leaves nothing behind',
  {
    on: ['localstack', 'aws'],
    proves:
      'functions, queues, bucket, API, rules, roles, policies and log groups of a disposable stage are deleted with it',
    timeoutMs: 180_000,
  },
  async (target) => {
    const { destroy, inventory, before } = controls(target);
    // There was something to delete.
    expect((await inventory()).functions?.length).toBeGreaterThan(before.functions?.length ?? 0);
    await destroy();
    expect(await inventory()).toEqual(before);
  },
);

function controls({ cloud }: Target) {
  if (cloud === undefined) throw new Error('this is no deployment');
  return cloud;
}

function widthOfSmall({ variants }: ImageResponse): number | undefined {
  return variants.find(({ preset, format }) => preset === 'small' && format === 'jpeg')?.width;
}
