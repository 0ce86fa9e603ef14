/** There are no credentials to ask with, or none that are good: the deploy has none either. */
export function isCredentialsError(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'CredentialsProviderError' ||
      error.name === 'TokenProviderError' ||
      /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidSignature|SignatureDoesNotMatch|AuthFailure)/.test(
        error.name,
      ) ||
      /Could not load credentials/i.test(error.message))
  );
}

/** Why a question has no answer, in a few words. */
export function describeQueryError(error: unknown): string {
  if (!(error instanceof Error)) return `could not be asked: ${String(error)}`;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const words = firstLine(error.message);
  if (isCredentialsError(error)) return `could not be asked, for lack of good credentials: ${words}`;
  if (/AccessDenied|UnauthorizedOperation|NotAuthorized/i.test(error.name) || status === 403)
    return `may not be asked: ${words}`;
  if (
    status === 501 ||
    /NotImplemented|UnknownOperation|UnsupportedOperation/i.test(error.name) ||
    /not (yet )?(implemented|supported|included)/i.test(error.message)
  )
    return `cannot be asked there: ${words}`;
  return `could not be asked: ${error.name === 'Error' ? '' : `${error.name}: `}${words}`;
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
