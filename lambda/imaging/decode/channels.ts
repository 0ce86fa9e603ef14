import type { Samples } from '../colour/conversion.ts';
import type { Extras } from '../inspect/tiff-page.ts';

const colours = 3;

/**
 * The colour channels and alpha of pixels; undefined where they have another form. Without `extras`, pixels of three
 * channels, or four with alpha, are returned unchanged.
 */
export function withoutExtras<Data extends Buffer | Uint16Array<ArrayBuffer>>(
  data: Data,
  { width, height, channels }: { width: number; height: number; channels: number },
  extras: Extras | undefined,
): (Samples & { data: Data }) | undefined {
  if (extras === undefined)
    return channels === 3 || channels === 4 ? { data, width, height, channels } : undefined;
  const kept = extras.alpha === undefined ? [0, 1, 2] : [0, 1, 2, colours + extras.alpha];
  if (kept.some((channel) => channel >= channels)) return undefined;
  const size = width * height * kept.length;
  const chosen = (data instanceof Uint16Array ? new Uint16Array(size) : Buffer.allocUnsafe(size)) as Data;
  for (let from = 0, to = 0; to < size; from += channels)
    for (const channel of kept) chosen[to++] = data[from + channel] as number;
  return { data: chosen, width, height, channels: extras.alpha === undefined ? 3 : 4 };
}
