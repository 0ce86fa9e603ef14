/** Input types, as in settings and `SLUICE_BLOCKED_LOADERS`. Each is an image/… type of that name. */
export const inputTypes = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const;
export type InputType = (typeof inputTypes)[number];

/** Which optional types are on. */
export type InputSwitches = Partial<Record<InputType, boolean>>;

/** Types that a deployment accepts: optional ones by switch, the others always. */
export function acceptedInputs(switches: InputSwitches): InputType[] {
  return inputTypes.filter((type) => switches[type] ?? true);
}

/** Parses `SLUICE_BLOCKED_LOADERS`: comma-separated names in any case. @throws Error on an unknown name */
export function readBlockedLoaders(text = ''): InputType[] {
  const names = text
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const unknown = names.filter((name) => !inputTypes.some((type) => type === name));
  if (unknown.length > 0)
    throw new Error(
      `SLUICE_BLOCKED_LOADERS knows no ${unknown.map((name) => `"${name}"`).join(', ')}; it knows ${inputTypes.join(', ')}`,
    );
  return inputTypes.filter((type) => names.includes(type));
}
