import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';

function mistakes(more: object): string[] {
  const { error } = configSchema.safeParse({ presets: { small: { width: 320 } }, ...more });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('a configuration of what is handed out', () => {
  it('signs nothing for longer than the session of a role is sure to last', () => {
    const uploads = (changes: object) => mistakes({ uploads: changes });
    expect(uploads({ downloadSeconds: 20_700, ticketSeconds: 20_700 })).toEqual([]);
    expect(uploads({ downloadSeconds: 20_701 })[0]).toMatch(/^uploads.downloadSeconds: /);
    expect(uploads({ ticketSeconds: 20_701 })[0]).toMatch(/^uploads.ticketSeconds: /);
  });

  it.each(['*', 'https://shop.example', 'https://*.shop.example', 'http://localhost:3000', 'app://local'])(
    'takes the origin %s',
    (origin) => {
      expect(mistakes({ deploy: { origins: [origin] } })).toEqual([]);
    },
  );

  it.each(['', 'shop.example', 'https://shop.example/', 'https://*.*.example', 'https://', 'https://a b'])(
    'takes no origin "%s", which no page has',
    (origin) => {
      expect(mistakes({ deploy: { origins: [origin] } })[0]).toMatch(/^deploy.origins.0: /);
    },
  );
});
