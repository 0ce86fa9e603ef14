/** Longer texts are cut: the longest notices of agencies have some hundred characters. */
const maxCharacters = 2_000;

const utf8 = new TextDecoder('utf-8', { fatal: true });
// In the web's encoding standard this label means Windows-1252, whose letters Latin-1 lacks.
const latin1 = new TextDecoder('latin1');

/** Text of unknown encoding: UTF-8 where valid, else Latin-1. */
export function readText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return latin1.decode(bytes);
  }
}

/** Text that is Latin-1 by its format. */
export function readLatin1(bytes: Uint8Array): string {
  return latin1.decode(bytes);
}

/**
 * One line without control characters and characters that XML cannot hold, cut to the limit; undefined where nothing
 * remains.
 */
export function tidy(text: string): string | undefined {
  const line = text
    .slice(0, 10 * maxCharacters)
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029\ufeff\ufffd\ufffe\uffff]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const short = [...line].slice(0, maxCharacters).join('').trim();
  return short === '' ? undefined : short;
}
