import { expect, it } from 'vitest';
import { type Answer, type Picture, Refused } from '../../../console/api.ts';
import { openFollower } from '../../../console/poll.ts';

const picture = (id: string, status: Picture['status']): Picture => ({
  id,
  status,
  createdAt: '2030-01-01T00:00:00Z',
  variants: [],
});

/** A follower with a clock of its own. `respond` gets the ids of each request and its time. */
function following(respond: (ids: string[], time: number) => Partial<Answer>) {
  let time = 0;
  const requests: { time: number; ids: string[] }[] = [];
  const texts: string[] = [];
  const shown: string[] = [];
  const sleep = async (seconds: number) => {
    time += seconds;
  };
  const follower = openFollower(
    async (ids) => {
      requests.push({ time: Math.round(time), ids });
      return { pictures: [], missing: [], retryAfter: 1, ...respond(ids, time) };
    },
    { now: () => time, sleep },
  );
  const stopped = new Set<string>();
  const follow = (id: string, after?: number) =>
    follower.follow(
      id,
      {
        show: ({ status }) => shown.push(`${id} ${status}`),
        wait: (text) => texts.push(text),
        stopped: () => stopped.has(id),
      },
      after,
    );
  return { follow, requests, texts, shown, stopped };
}

it('images are asked for in one request, as often as Retry-After says, until they are final', async () => {
  const { follow, requests, shown } = following((ids, time) => ({
    pictures: ids.map((id) => picture(id, time < 15 ? 'queued' : 'ready')),
    retryAfter: 10,
  }));
  const last = await Promise.all(['a', 'b', 'c'].map((id) => follow(id)));
  expect(last.map((one) => one?.status)).toEqual(['ready', 'ready', 'ready']);
  expect(requests).toEqual([0, 10, 20].map((time) => ({ time, ids: ['a', 'b', 'c'] })));
  expect(shown).toHaveLength(9);
});

it('150 images take two requests', async () => {
  const { follow, requests } = following((ids) => ({ pictures: ids.map((id) => picture(id, 'ready')) }));
  await Promise.all(Array.from({ length: 150 }, (_, n) => follow(`image-${n}`)));
  expect(requests.map(({ ids }) => ids.length)).toEqual([100, 50]);
});

it('the first look at a new image is when its ticket says', async () => {
  const { follow, requests } = following((ids) => ({ pictures: ids.map((id) => picture(id, 'ready')) }));
  await Promise.all([follow('later', 30), follow('now')]);
  expect(requests).toEqual([
    { time: 0, ids: ['now'] },
    { time: 30, ids: ['later'] },
  ]);
});

it('a refusal makes all images wait, says so and for how long, and then they go on', async () => {
  let refused = false;
  const { follow, requests, texts } = following((ids) => {
    if (refused) return { pictures: ids.map((id) => picture(id, 'ready')) };
    refused = true;
    throw new Refused(503, 'Overloaded.', 3);
  });
  await Promise.all([follow('a'), follow('b', 2)]);
  expect(requests.map(({ time }) => time)).toEqual([0, 3]);
  expect(requests[1]?.ids).toEqual(['a', 'b']);
  expect(texts.filter((text) => text !== '')).toEqual(
    [3, 3, 2, 2, 1, 1].map((left) => `Overloaded. Trying again in ${left} s`),
  );
});

it('another error fails the images that it concerns only', async () => {
  const { follow } = following((ids) => {
    if (ids.includes('bad')) throw new Refused(400, 'Bad.');
    return { pictures: ids.map((id) => picture(id, 'ready')) };
  });
  const bad = follow('bad');
  const good = follow('good', 5);
  await expect(bad).rejects.toThrow('Bad.');
  expect((await good)?.status).toBe('ready');
});

it('deleted images, here or elsewhere, are not asked for again', async () => {
  const { follow, requests, stopped } = following((ids) => ({
    pictures: [],
    missing: ids.filter((id) => id === 'gone'),
  }));
  const [gone, here] = [follow('gone'), follow('here')] as const;
  expect(await gone).toBeUndefined();
  stopped.add('here');
  expect(await here).toBeUndefined();
  expect(requests[0]?.ids).toEqual(['gone', 'here']);
});

it('a ready image is asked for until its variants come', async () => {
  const { follow, requests } = following((ids, time) => {
    const { variants, ...without } = picture(ids[0] ?? '', 'ready');
    return { pictures: [time < 1 ? without : { ...without, variants: variants ?? [] }] };
  });
  expect((await follow('a'))?.variants).toEqual([]);
  expect(requests).toHaveLength(2);
});
