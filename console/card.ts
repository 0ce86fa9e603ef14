import type { Picture } from './api.ts';

const words: Record<Picture['status'], string> = {
  awaiting_upload: 'Waiting for its file',
  queued: 'In the queue',
  processing: 'In work',
  ready: 'Ready',
  rejected: 'Rejected',
  failed: 'Failed',
  expired: 'Expired',
};

/** One image on the page. */
export interface Card {
  element: HTMLElement;
  name: string;
  say(status: string, text: string): void;
  progress(part: number | undefined): void;
  error(text: string): void;
  show(picture: Picture): void;
  onRemove(action: () => void): void;
}

/** Makes an empty card from the page's template. */
export function makeCard(name: string): Card {
  const template = document.querySelector<HTMLTemplateElement>('#card');
  const element = template?.content.firstElementChild?.cloneNode(true) as HTMLElement;
  const part = <E extends HTMLElement>(selector: string) => element.querySelector(selector) as E;
  const status = part('.status');
  const bar = part<HTMLProgressElement>('progress');
  part('.name').textContent = name;
  bar.setAttribute('aria-label', `Sending ${name}`);
  part('.remove').setAttribute('aria-label', `Delete ${name}`);

  const card: Card = {
    element,
    name,
    say(code, text) {
      status.dataset.status = code;
      status.textContent = text;
    },
    progress(value) {
      bar.hidden = value === undefined;
      if (value !== undefined) bar.value = value;
    },
    error(text) {
      part('.error').textContent = text;
    },
    show(picture) {
      card.say(picture.status, words[picture.status]);
      card.error(picture.error?.detail ?? '');
      part('.facts').textContent = facts(picture);
      if (picture.status === 'ready') part('.variants').replaceChildren(...figures(picture, name));
    },
    onRemove(action) {
      part('.remove').addEventListener('click', action);
    },
  };
  return card;
}

function facts({ original }: Picture): string {
  return [
    original?.width && original.height ? `${original.width} × ${original.height}` : '',
    original?.bytes ? size(original.bytes) : '',
    original?.contentType?.replace('image/', '').toUpperCase() ?? '',
    original?.frames && original.frames > 1 ? `${original.frames} frames` : '',
  ]
    .filter(Boolean)
    .join(' · ');
}

/** The largest variant is drawn at most this wide and high, in rem; the others in proportion, so that sizes are seen. */
const largestWidth = 30;
const largestHeight = 22;
/** Below this, in rem, neither picture nor caption can be read. */
const leastWidth = 7;

/** A figure for each size (its first format), with links to every format of that size. */
function figures({ variants = [], placeholder }: Picture, name: string): HTMLElement[] {
  const bySize = Map.groupBy(variants, (variant) => variant.preset);
  const largestFirst = [...bySize].sort(([, [a]], [, [b]]) => (b?.width ?? 0) - (a?.width ?? 0));
  const largest = largestFirst[0]?.[1][0] ?? { width: 1, height: 1 };
  const scale = Math.min(largestWidth / largest.width, largestHeight / largest.height);
  return largestFirst.map(([preset, formats]) => {
    const figure = document.createElement('figure');
    const picture = document.createElement('img');
    const { url = '', width = 1, height = 1 } = formats[0] ?? {};
    figure.style.width = `${Math.max(leastWidth, width * scale)}rem`;
    Object.assign(picture, { src: url, alt: `${name}, ${preset}`, width, height, loading: 'lazy' });
    // Shows the image's own colour until it is loaded.
    picture.style.backgroundColor = placeholder?.color ?? '';
    const caption = document.createElement('figcaption');
    caption.append(`${preset} ${width} × ${height}: `, ...links(formats));
    figure.append(picture, caption);
    return figure;
  });
}

function links(formats: NonNullable<Picture['variants']>): Node[] {
  return formats.flatMap(({ url, format, bytes }, index) => {
    const link = document.createElement('a');
    Object.assign(link, {
      href: url,
      target: '_blank',
      rel: 'noopener',
      textContent: `${format} ${size(bytes)}`,
    });
    return index === 0 ? [link] : [document.createTextNode(', '), link];
  });
}

/** Bytes in words: 1.2 MB, 340 kB. */
function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
