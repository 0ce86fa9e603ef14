import type { AcceptedContentType } from '../domain/image.ts';
import { acceptedInputs } from '../domain/inputs.ts';
import type { Settings } from '../domain/settings.ts';
import { Problem } from './problem.ts';

/** Content types that an upload may declare here. The bytes decide what it really is. */
export function acceptedTypes({ inputs }: Pick<Settings, 'inputs'>): AcceptedContentType[] {
  return acceptedInputs(inputs).map((type) => `image/${type}` as const);
}

/** The content type as the domain knows it, in whatever case it is written, or undefined for one that is not taken. */
export function acceptedType(
  type: string,
  settings: Pick<Settings, 'inputs'>,
): AcceptedContentType | undefined {
  return acceptedTypes(settings).find((accepted) => accepted === type.toLowerCase());
}

/** The problem of a type that is not taken, with those that are. */
export function unsupportedType(
  reason: string,
  settings: Pick<Settings, 'inputs'>,
  alsoTaken: readonly string[] = [],
): Problem {
  const taken = [...alsoTaken, ...acceptedTypes(settings)].join(', ');
  return new Problem('unsupported_type', `${reason} Use one of ${taken}.`);
}
