import type { Settings } from './settings.ts';

/** Types of image that can be taken, by the names that settings and operators use. Each is an image/… of that name. */
export const inputTypes = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const;
export type InputType = (typeof inputTypes)[number];

/** The types that a deployment takes: some have a switch, the others are always on. */
export function acceptedInputs(inputs: Settings['inputs']): InputType[] {
  const switches: Partial<Record<InputType, boolean>> = inputs;
  return inputTypes.filter((type) => switches[type] ?? true);
}

/**
 * Reads the emergency switch `SLUICE_BLOCKED_LOADERS`: names with commas between them, in any case.
 * @throws Error that names what is not known, and what is: a block that does not hold must not look like one
 */
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
