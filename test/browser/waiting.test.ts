import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { patience } from '../support/pace.ts';
import { smallPhoto } from '../support/pictures.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { launchChromium } from './chromium.ts';

describe('the page when the API pushes back', () => {
  let pipeline: TestPipeline;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    [pipeline, browser] = await Promise.all([startTestPipeline(), launchChromium()]);
  });
  afterAll(() => Promise.all([browser?.close(), pipeline?.stop()]));
  beforeEach(async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(patience(30_000));
  });
  afterEach(() => page.close());

  const card = (name: string) =>
    page.locator('.card', { has: page.getByRole('heading', { name, exact: true }) });
  async function pick(...names: string[]) {
    await page.getByText('Choose photographs').waitFor();
    const buffer = await smallPhoto(1);
    const files = names.map((name) => ({ name, mimeType: 'image/jpeg', buffer }));
    await page.getByLabel('Choose photographs').setInputFiles(files);
  }
  /** Refuses the first requests of a kind, as the API does. @returns the keys and times of all */
  async function refuse(method: string, status: number, seconds: number, count = 1) {
    const requests: { key: string | undefined; at: number }[] = [];
    await page.route(/\/v1\/images(\?|$)/, async (route: Route) => {
      const request = route.request();
      if (request.method() !== method) return route.fallback();
      requests.push({ key: request.headers()['idempotency-key'], at: performance.now() });
      if (requests.length > count) return route.fallback();
      return route.fulfill({
        status,
        headers: { 'Retry-After': String(seconds), 'Content-Type': 'application/problem+json' },
        body: JSON.stringify({ status, code: 'overloaded', detail: 'Many images are waiting.' }),
      });
    });
    return requests;
  }

  it('a refused upload shows how long it waits, and resumes by itself then, with the same key', async () => {
    await page.goto(pipeline.url);
    const requests = await refuse('POST', 429, 3);
    await pick('refused.jpg');
    await card('refused.jpg').getByText('Many images are waiting. Trying again in 3 s').waitFor();
    await card('refused.jpg').getByText('Many images are waiting. Trying again in 1 s').waitFor();
    await card('refused.jpg').getByText('Ready', { exact: true }).waitFor();
    const [first, second] = requests;
    expect(requests).toHaveLength(2);
    expect(second?.key).toBe(first?.key);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(2_900);
  });

  it('a refused list does not ask for the key, but waits', async () => {
    await refuse('GET', 503, 2);
    await page.goto(pipeline.url);
    await page.getByText('Many images are waiting. Trying again in 2 s').waitFor();
    await page.getByText('Choose photographs').waitFor();
    expect(await page.locator('#busy').isVisible()).toBe(false);
    expect(await page.getByLabel('API key').isVisible()).toBe(false);
  });

  it('several images are followed by one request for all of them', async () => {
    const looks: string[] = [];
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname.endsWith('/v1/images') && searchParams.has('ids'))
        looks.push(searchParams.get('ids') ?? '');
    });
    await page.goto(pipeline.url);
    const names = ['one.jpg', 'two.jpg', 'three.jpg'];
    await pick(...names);
    for (const name of names) {
      await card(name).getByText('Ready', { exact: true }).waitFor();
      expect(await card(name).locator('figcaption').count()).toBe(3);
    }
    await page.reload();
    for (const name of names) await card(name).locator('figcaption').first().waitFor();
    expect(Math.max(...looks.map((ids) => ids.split(',').length))).toBeGreaterThanOrEqual(3);
  });
});
