/** Variants of an image with the shipped presets. A brown-out makes half of them. */
const variants = 6;
/** Images whose waits are remembered; more than are in flight. */
const remembered = 500;

/**
 * Eight decoders do not fit on two cores, so the time that a decode takes on Lambda is a wait: the variants of an image are
 * taken by the storage one after the other, each after a sixth of the image's time. Times of images differ by up to
 * seven; their mean is given. Fewer variants take less time, as a decode does. Only workers write under `derived/`.
 * @returns milliseconds by which a write is delayed
 */
export function workWaits(
  random: () => number,
  meanMs: () => number,
  now: () => number = () => performance.now(),
): (key: string) => number {
  const images = new Map<string, { eachMs: number; free: number }>();
  return (key) => {
    const [folder, tenant, image] = key.split('/');
    if (folder !== 'derived' || tenant === undefined || image === undefined || meanMs() === 0) return 0;
    const own = images.get(image) ?? { eachMs: (meanMs() * (0.25 + 1.5 * random())) / variants, free: 0 };
    const time = now();
    own.free = Math.max(time, own.free) + own.eachMs;
    images.set(image, own);
    const [oldest] = images.keys();
    if (images.size > remembered && oldest !== undefined) images.delete(oldest);
    return own.free - time;
  };
}
