/** Red, green and blue (0-255) of `#rrggbb`; white for `transparent`, as paper is. */
export function rgbOf(background: string): [red: number, green: number, blue: number] {
  if (!opaque(background)) return [255, 255, 255];
  const at = (from: number) => Number.parseInt(background.slice(from, from + 2), 16);
  return [at(1), at(3), at(5)];
}

/** False for `transparent`. */
export function opaque(background: string): boolean {
  return background !== 'transparent';
}
