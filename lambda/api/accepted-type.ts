import { type AcceptedContentType, acceptedContentTypes } from '../domain/image.ts';
import { Problem } from './problem.ts';

/** The content type as the domain knows it, or undefined for one that is not taken. */
export function acceptedType(type: string): AcceptedContentType | undefined {
  return acceptedContentTypes.find((accepted) => accepted === type);
}

/** The problem of a type that is not taken, with those that are. */
export function unsupportedType(reason: string, alsoTaken: readonly string[] = []): Problem {
  const taken = [...alsoTaken, ...acceptedContentTypes].join(', ');
  return new Problem('unsupported_type', `${reason} Use one of ${taken}.`);
}
