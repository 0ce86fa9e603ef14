import type { Picture } from './api.ts';

const words: Record<Picture['status'], string> = {
  awaiting_upload: 'Waiting for the file',
  queued: 'Queued',
  processing: 'Processing',
  ready: 'Ready',
  rejected: 'Rejected',
  failed: 'Failed',
  expired: 'Expired',
  superseded: 'Replaced by a newer image',
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

/** An empty card from the page's template. */
export function makeCard(name: string): Card {
  const template = document.querySelector<HTMLTemplateElement>('#card');
  const element = template?.content.firstElementChild?.cloneNode(true) as HTMLElement;
  const part = <E extends HTMLElement>(selector: string) => element.querySelector(selector) as E;
  const status = part('.status');
  const bar = part<HTMLProgressElement>('progress');
  part('.name').textContent = name;
  bar.setAttribute('aria-label', `Uploading ${name}`);
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

/** Maximum size of the largest variant, in rem; the others are drawn in proportion. */
const largestWidth = 30;
const largestHeight = 22;
/** In rem; below this neither picture nor caption is readable. */
const minWidth = 7;

/** A figure for each preset (its first format), with links to all its formats. */
function figures({ variants = [], placeholder }: Picture, name: string): HTMLElement[] {
  const bySize = Map.groupBy(variants, (variant) => variant.preset);
  const largestFirst = [...bySize].sort(([, [a]], [, [b]]) => (b?.width ?? 0) - (a?.width ?? 0));
  const largest = largestFirst[0]?.[1][0] ?? { width: 1, height: 1 };
  const scale = Math.min(largestWidth / largest.width, largestHeight / largest.height);
  return largestFirst.map(([preset, formats]) => {
    const figure = document.createElement('figure');
    const picture = document.createElement('img');
    const { url = '', width = 1, height = 1 } = formats[0] ?? {};
    figure.style.width = `${Math.max(minWidth, width * scale)}rem`;
    Object.assign(picture, { src: url, alt: `${name}, ${preset}`, width, height, loading: 'lazy' });
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

/** Bytes as text: 1.2 MB, 340 kB. */
function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
