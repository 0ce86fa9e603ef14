/** Credentials are missing or invalid, so that a deploy would fail too. */
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

/** The reason why a query failed, in a few words. */
export function describeQueryError(error: unknown): string {
  if (!(error instanceof Error)) return `could not be queried: ${String(error)}`;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const words = firstLine(error.message);
  if (isCredentialsError(error)) return `could not be queried without valid credentials: ${words}`;
  if (/AccessDenied|UnauthorizedOperation|NotAuthorized/i.test(error.name) || status === 403)
    return `not permitted: ${words}`;
  if (
    status === 501 ||
    /NotImplemented|UnknownOperation|UnsupportedOperation/i.test(error.name) ||
    /not (yet )?(implemented|supported|included)/i.test(error.message)
  )
    return `not supported there: ${words}`;
  return `could not be queried: ${error.name === 'Error' ? '' : `${error.name}: `}${words}`;
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
