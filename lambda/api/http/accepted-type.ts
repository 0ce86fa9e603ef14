import { type AcceptedContentType, acceptedTypes } from '../../domain/image.ts';
import type { Settings } from '../../domain/settings.ts';
import { Problem } from './problem.ts';

/** Finds an accepted content type, ignoring case. */
export function acceptedType(
  type: string,
  settings: Pick<Settings, 'inputs'>,
): AcceptedContentType | undefined {
  return acceptedTypes(settings).find((accepted) => accepted === type.toLowerCase());
}

/** The problem of an unsupported type; it lists the accepted ones. */
export function unsupportedType(
  reason: string,
  settings: Pick<Settings, 'inputs'>,
  alsoAccepted: readonly string[] = [],
): Problem {
  const accepted = [...alsoAccepted, ...acceptedTypes(settings)].join(', ');
  return new Problem('unsupported_type', `${reason} Use one of ${accepted}.`);
}
