/** Parts of an image's time: its first read, of the list of its uploads or of the original; and its six variants together. */
const parts = { read: 0.5, variants: 0.5 };
const variants = 6;
/** Well below the 4 s after which workers give an answer up. */
const longestMs = 3_000;
/** Images whose waits are remembered; more than are in flight. */
const remembered = 500;

/**
 * Eight decoders do not fit on two cores, so most of the time that an image takes on Lambda is a wait of the storage: half
 * while it is read, half while its variants are written, one after the other, so that fewer variants take less time. Times of
 * images differ by up to seven; their mean is given. Only workers read `incoming/` and write under `derived/`.
 * @returns milliseconds by which a request is delayed
 */
export function workWaits(
  random: () => number,
  meanMs: () => number,
  now: () => number = () => performance.now(),
): (request: { method: string; key: string }) => number {
  const images = new Map<string, { ms: number; free: number; isRead: boolean }>();

  function waitsOf(image: string) {
    const known = images.get(image);
    if (known !== undefined) return known;
    const [oldest] = images.keys();
    if (images.size >= remembered && oldest !== undefined) images.delete(oldest);
    const own = { ms: meanMs() * (0.25 + 1.5 * random()), free: 0, isRead: false };
    images.set(image, own);
    return own;
  }

  return ({ method, key }) => {
    const [folder, tenant, image] = key.split('/');
    if (meanMs() === 0 || tenant === undefined || !image) return 0;
    const own = waitsOf(image);
    if (method === 'GET' && folder === 'incoming') {
      // A direct upload has one read and a ticket's two.
      const waits = own.isRead ? 0 : parts.read * own.ms;
      own.isRead = true;
      return Math.min(longestMs, waits);
    }
    if (method !== 'PUT' || folder !== 'derived') return 0;
    const time = now();
    own.free = Math.max(time, own.free) + (parts.variants * own.ms) / variants;
    return Math.min(longestMs, own.free - time);
  };
}
