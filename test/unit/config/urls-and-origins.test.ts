import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';

function mistakes(more: object): string[] {
  const { error } = configSchema.safeParse({ presets: { small: { width: 320 } }, ...more });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the configuration of signed URLs and origins', () => {
  it('signed URLs may not be valid longer than the shortest session of a role', () => {
    const uploads = (changes: object) => mistakes({ uploads: changes });
    expect(uploads({ downloadSeconds: 20_700, ticketSeconds: 20_700 })).toEqual([]);
    expect(uploads({ downloadSeconds: 20_701 })[0]).toMatch(/^uploads.downloadSeconds: /);
    expect(uploads({ ticketSeconds: 20_701 })[0]).toMatch(/^uploads.ticketSeconds: /);
  });

  it.each(['*', 'https://shop.example', 'https://*.shop.example', 'http://localhost:3000', 'app://local'])(
    'the origin %s is accepted',
    (origin) => {
      expect(mistakes({ deploy: { origins: [origin] } })).toEqual([]);
    },
  );

  it.each(['', 'shop.example', 'https://shop.example/', 'https://*.*.example', 'https://', 'https://a b'])(
    'the origin "%s", which no page can have, is refused',
    (origin) => {
      expect(mistakes({ deploy: { origins: [origin] } })[0]).toMatch(/^deploy.origins.0: /);
    },
  );
});
