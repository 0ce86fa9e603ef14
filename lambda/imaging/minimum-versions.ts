/**
 * The oldest versions of codecs that may read untrusted bytes: each the release that fixed the last vulnerability reachable
 * by an image. `npm ci` installs newer ones, but sharp also uses a libvips of the system.
 */
const floors = {
  // CVE-2026-33327, -33328, -35590 and -35591, two of them rated high (GHSA-f88m-g3jw-g9cj).
  vips: { name: 'libvips', least: '8.18.3' },
  // Heap overflows and uses after free by a crafted AVIF: CVE-2026-84383 (fixed in 1.23.2), GHSA-x8r2-mggj-j6wr (1.23.3),
  // GHSA-v8qw-hwjv-44hw and six more (1.23.5).
  heif: { name: 'libheif', least: '1.23.5' },
  // CVE-2023-4863: an overflow in lossless WebP, exploited against phones.
  webp: { name: 'libwebp', least: '1.3.2' },
  // CVE-2026-33416 and -33636: a valid PNG with a palette and transparency was enough to run code.
  png: { name: 'libpng', least: '1.6.56' },
} as const;

/** A codec is older than its minimum: a build error, so the sandbox refuses to start. */
export class UnsafeCodecs extends Error {
  override readonly name = 'UnsafeCodecs';
}

/**
 * @param versions as in `sharp.versions`
 * @throws UnsafeCodecs that names every codec that is too old or has no known version
 */
export function requireMinimumVersions(versions: Readonly<Record<string, string | undefined>>): void {
  const mistakes = Object.entries(floors).flatMap(([key, { name, least }]) => {
    const version = versions[key];
    if (version === undefined) return [`the version of ${name} is not known`];
    return isOlder(version, least) ? [`${name} is ${version}`] : [];
  });
  if (mistakes.length === 0) return;
  const needed = Object.values(floors).map(({ name, least }) => `${name} ${least}`);
  throw new UnsafeCodecs(
    `Codecs are too old to decode images safely: ${mistakes.join(', ')}; at least ${needed.join(', ')} are required.`,
  );
}

function isOlder(version: string, least: string): boolean {
  const [have, need] = [numbersOf(version), numbersOf(least)];
  const at = need.findIndex((part, index) => part !== (have[index] ?? 0));
  return at >= 0 && (have[at] ?? 0) < (need[at] as number);
}

function numbersOf(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0);
}
