import { expect } from 'vitest';
import { smallPhoto } from '../support/pictures.ts';
import { behaviour } from './support/behaviour.ts';

behaviour(
  'an edit with the ETag that was read is made, also after the image became ready; a second one with it is 412',
  {
    on: ['local', 'localstack', 'aws'],
    proves: 'optimistic concurrency: PATCH and its conditions pass each gateway, and no edit is lost',
  },
  async ({ client }) => {
    const { id } = await client.ticket('image/jpeg', 99, { metadata: { album: 'summer' } });
    const etag = (await client.call('GET', `/v1/images/${id}`)).headers.get('etag') ?? '';
    const edit = (body: object, headers: Record<string, string>, of = id) =>
      client.call('PATCH', `/v1/images/${of}`, {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      });
    expect((await edit({ metadata: null }, {})).status).toBe(428);
    const first = await edit({ metadata: { by: 'Ö' }, replaces: 'avatar/42' }, { 'if-match': etag });
    expect(first.status).toBe(200);
    expect(await first.json()).toMatchObject({
      metadata: { album: 'summer', by: 'Ö' },
      replaces: 'avatar/42',
    });
    const second = await edit({ metadata: null }, { 'if-match': etag });
    expect(second.status).toBe(412);
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(await second.json()).toMatchObject({ code: 'precondition_failed' });
    const merge = { 'content-type': 'application/merge-patch+json', 'if-match': '*' };
    expect((await edit({ replaces: null }, merge)).status).toBe(200);

    const direct = await client.direct(await smallPhoto(21));
    const seen = (await client.call('GET', `/v1/images/${direct}`)).headers.get('etag') ?? '';
    expect((await client.finished(direct)).status).toBe('ready');
    expect((await edit({ metadata: { kept: '1' } }, { 'if-match': seen }, direct)).status).toBe(200);
    expect((await edit({ replaces: 'avatar/42' }, { 'if-match': '*' }, direct)).status).toBe(409);
  },
);
