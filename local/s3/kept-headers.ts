import { invalidArgument, S3Error } from './errors.ts';

const kept = [
  'content-type',
  'content-disposition',
  'content-encoding',
  'content-language',
  'cache-control',
  'expires',
];
const metadata = 'x-amz-meta-';
/** S3's limit: names without their prefix, and values, in UTF-8. */
const maxMetadataBytes = 2048;

/**
 * Of headers or form fields those that are kept beside the bytes; names in lower case. Metadata may hold any text.
 * @throws S3Error for what could not be sent back as a header
 */
export function keptHeaders(given: Iterable<readonly [string, string]>): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  let metadataBytes = 0;
  for (const [name, value] of given) {
    if (name.startsWith(metadata)) {
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name.slice(metadata.length)))
        throw invalidArgument('The metadata name is no name of a header', name);
      metadataBytes += Buffer.byteLength(name) - metadata.length + Buffer.byteLength(value);
    } else if (kept.includes(name)) checkHeaderValue(name, value);
    else continue;
    headers[name] = value;
  }
  if (metadataBytes > maxMetadataBytes)
    throw new S3Error(
      400,
      'MetadataTooLarge',
      'Your metadata headers exceed the maximum allowed metadata size',
      { Size: metadataBytes, MaxSizeAllowed: maxMetadataBytes },
    );
  return headers;
}

/** @throws S3Error for a value that no header can have */
export function checkHeaderValue(name: string, value: string): void {
  if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value))
    throw invalidArgument('Header value cannot be represented using ISO-8859-1.', name, value);
}

/**
 * As kept headers are sent back: metadata beyond printable ASCII by RFC 2047 (AWS: "User-defined object metadata").
 */
export function sentHeaders(headers: Record<string, string>): Record<string, string> {
  const sent = Object.entries(headers).map(([name, value]) =>
    name.startsWith(metadata) && !/^[\u0020-\u007e]*$/.test(value)
      ? [name, `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`]
      : [name, value],
  );
  return Object.fromEntries(sent);
}
