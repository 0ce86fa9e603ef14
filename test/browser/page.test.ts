import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { patience } from '../support/pace.ts';
import { smallPhoto } from '../support/pictures.ts';
import { startTestPipeline, type TestPipeline, until } from '../support/pipeline.ts';
import { launchChromium } from './chromium.ts';

describe('the page', () => {
  let pipeline: TestPipeline;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    [pipeline, browser] = await Promise.all([startTestPipeline(), launchChromium()]);
  });
  afterAll(() => Promise.all([browser?.close(), pipeline?.stop()]));
  beforeEach(async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(patience(30_000));
    errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(pipeline.url);
  });
  afterEach(() => page.close());

  const card = (name: string) =>
    page.locator('.card', { has: page.getByRole('heading', { name, exact: true }) });
  /** Chooses files as a person does, once the input is visible. */
  async function pick(...files: { name: string; mimeType: string; buffer: Buffer }[]) {
    await page.getByText('Choose photographs').waitFor();
    await page.getByLabel('Choose photographs').setInputFiles(files);
  }

  it('an uploaded photograph is shown in all variants with their size and format', async () => {
    await pick({ name: 'lake.jpg', mimeType: 'image/jpeg', buffer: await smallPhoto(1, 1200, 800) });
    await card('lake.jpg').getByText('Ready', { exact: true }).waitFor();
    const captions = await card('lake.jpg').locator('figcaption').allTextContents();
    expect(captions).toHaveLength(3);
    expect(captions[0]).toMatch(/^large 1200 × 800: avif \d+ kB, jpeg \d+ kB$/);
    expect(captions[2]).toMatch(/^small 320 × 213: avif/);
    const widths = await card('lake.jpg')
      .locator('img')
      .evaluateAll((pictures) =>
        Promise.all(
          pictures.map(async (picture) => {
            const image = picture as HTMLImageElement;
            image.loading = 'eager';
            await image.decode();
            return image.naturalWidth;
          }),
        ),
      );
    expect(widths).toEqual([1200, 800, 320]);
    expect(errors).toEqual([]);
  });

  it('a broken image and a file of another type get an explanation', async () => {
    await pick(
      { name: 'broken.jpg', mimeType: 'image/jpeg', buffer: (await smallPhoto(2)).subarray(0, 700) },
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') },
      { name: 'renamed.png', mimeType: 'image/png', buffer: Buffer.from('text that calls itself a picture') },
    );
    await card('broken.jpg').getByText('Rejected', { exact: true }).waitFor();
    expect(await card('broken.jpg').getByRole('alert').textContent()).toMatch(/JPEG/);
    await card('notes.txt').getByText('Not accepted', { exact: true }).waitFor();
    expect(await card('notes.txt').getByRole('alert').textContent()).toMatch(/image\/jpeg/);
    await card('renamed.png').getByText('Rejected', { exact: true }).waitFor();
    expect(await card('renamed.png').getByRole('alert').textContent()).toMatch(/text/i);
  });

  it('images survive a reload, and can be deleted', async () => {
    await pick({ name: 'gone.jpg', mimeType: 'image/jpeg', buffer: await smallPhoto(3) });
    await card('gone.jpg').getByText('Ready', { exact: true }).waitFor();
    await page.reload();
    await card('gone.jpg').getByText('Ready', { exact: true }).waitFor();
    await card('gone.jpg').getByRole('button', { name: 'Delete gone.jpg' }).click();
    await card('gone.jpg').waitFor({ state: 'detached' });
    await page.reload();
    await page.getByText('Choose photographs').waitFor();
    expect(await card('gone.jpg').count()).toBe(0);
  });

  it('today’s numbers are shown by preset', async () => {
    await pick({ name: 'counted.jpg', mimeType: 'image/jpeg', buffer: await smallPhoto(6, 1200, 800) });
    await card('counted.jpg').getByText('Ready', { exact: true }).waitFor();
    const usage = page.getByRole('region', { name: 'Ready today (UTC)' });
    const line = usage.getByRole('row', { name: /^small / });
    const shown = async () => (await line.count()) === 1 && (await line.getByRole('cell').allTextContents());
    // Events reach the table of the roll-up some seconds later.
    const counted = async () => {
      await usage.getByRole('button', { name: 'Count again' }).click();
      return (await shown()) !== false;
    };
    await until(counted, 30_000);
    expect(await usage.getByRole('row', { name: /^(Originals|large|medium|small) / }).count()).toBe(4);
    expect(await shown()).toEqual([
      expect.stringMatching(/^[1-9]\d*$/),
      expect.stringMatching(/^\d+\.\d MB$/),
      expect.stringMatching(/^\d+\.\d MP$/),
    ]);
    expect(errors).toEqual([]);
  });

  it('dropped files are uploaded', async () => {
    const bytes = [...(await smallPhoto(4))];
    const transfer = await page.evaluateHandle((content) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(content)], 'dropped.jpg', { type: 'image/jpeg' }));
      return data;
    }, bytes);
    await page.getByText('Choose photographs').waitFor();
    await page.dispatchEvent('#drop', 'drop', { dataTransfer: transfer });
    await card('dropped.jpg').getByText('Ready', { exact: true }).waitFor();
  });

  it('the page fits a phone without horizontal scrolling, and has a dark scheme', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await pick({
      name: `${'a-very-long-name-'.repeat(8)}.jpg`,
      mimeType: 'image/jpeg',
      buffer: await smallPhoto(5, 1600, 600),
    });
    await page.getByText('Ready', { exact: true }).first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await ground()).not.toBe(light);
  });

  it('the page asks for a key if none is supplied, and reports an unknown one', async () => {
    await page.route('**/console/local.json', (route) => route.fulfill({ status: 404 }));
    // The page stores its key when it is ready; cleared earlier, the key would be back after the reload.
    await page.getByText('Choose photographs').waitFor();
    await page.evaluate(() => sessionStorage.clear());
    await page.reload();
    await page.getByLabel('API key').fill('sluice_unknown');
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByText('This key is unknown or revoked.').waitFor();
    await page.getByLabel('API key').fill(pipeline.apiKey);
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByText('Choose photographs').waitFor();
  });
});
