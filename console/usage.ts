import type { Api, UsageRow } from './api.ts';

interface Sum {
  count: number;
  bytes: number;
  megapixels: number;
}

/** Sums of today (UTC): of images that became ready, and of their variants by preset. */
export function sumsOf(rows: readonly UsageRow[]): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const { type, preset = '', images, variants, bytes, megapixels } of rows) {
    if (type !== 'image.ready') continue;
    const name = preset === '' ? 'Originals' : preset;
    const sum = sums.get(name) ?? { count: 0, bytes: 0, megapixels: 0 };
    sum.count += images + variants;
    sum.bytes += bytes;
    sum.megapixels += megapixels;
    sums.set(name, sum);
  }
  return sums;
}

/** Fills the table of today's numbers, and again at each click on its button. */
export function showUsage(api: Api, section: HTMLElement): void {
  const part = <E extends HTMLElement>(selector: string) => section.querySelector(selector) as E;
  const button = part<HTMLButtonElement>('button');
  async function load(): Promise<void> {
    button.disabled = true;
    try {
      const sums = sumsOf(await api.usageToday());
      part('tbody').replaceChildren(...[...sums].sort(([, a], [, b]) => b.bytes - a.bytes).map(row));
      part('.note').textContent = sums.size === 0 ? 'Nothing was made ready yet.' : '';
      section.hidden = false;
    } catch (error) {
      part('.note').textContent = error instanceof Error ? error.message : String(error);
    }
    button.disabled = false;
  }
  button.onclick = () => void load();
  void load();
}

function row([name, { count, bytes, megapixels }]: [string, Sum]): HTMLElement {
  const line = document.createElement('tr');
  const head = document.createElement('th');
  head.scope = 'row';
  head.textContent = name;
  const cells = [String(count), `${(bytes / 1e6).toFixed(1)} MB`, `${megapixels.toFixed(1)} MP`];
  line.append(
    head,
    ...cells.map((text) => Object.assign(document.createElement('td'), { textContent: text })),
  );
  return line;
}
