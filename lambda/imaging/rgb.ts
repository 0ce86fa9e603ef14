/** Red, green and blue (0-255) of `#rrggbb`; white for `transparent`. */
export function rgbOf(colour: string): [red: number, green: number, blue: number] {
  if (!opaque(colour)) return [255, 255, 255];
  const at = (from: number) => Number.parseInt(colour.slice(from, from + 2), 16);
  return [at(1), at(3), at(5)];
}

export function opaque(colour: string): boolean {
  return colour !== 'transparent';
}
