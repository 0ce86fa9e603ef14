import { invalidArgument, S3Error } from './errors.ts';

const storedHeaderNames = [
  'content-type',
  'content-disposition',
  'content-encoding',
  'content-language',
  'cache-control',
  'expires',
];
const metadata = 'x-amz-meta-';
/** S3's limit for names, without their prefix, and values in UTF-8. */
const maxMetadataBytes = 2048;

/**
 * The headers or form fields that are stored with the object; names in lower case. Metadata may contain any text.
 * @throws S3Error for a value that cannot be returned as a header
 */
export function storedHeaders(given: Iterable<readonly [string, string]>): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  let metadataBytes = 0;
  for (const [name, value] of given) {
    if (name.startsWith(metadata)) {
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name.slice(metadata.length)))
        throw invalidArgument('The metadata name is not a valid header name', name);
      metadataBytes += Buffer.byteLength(name) - metadata.length + Buffer.byteLength(value);
    } else if (storedHeaderNames.includes(name)) checkHeaderValue(name, value);
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

/** @throws S3Error for an invalid header value */
export function checkHeaderValue(name: string, value: string): void {
  if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value))
    throw invalidArgument('Header value cannot be represented using ISO-8859-1.', name, value);
}

/** Stored headers as they are returned: metadata beyond printable ASCII by RFC 2047 (AWS: "User-defined object metadata"). */
export function sentHeaders(headers: Record<string, string>): Record<string, string> {
  const sent = Object.entries(headers).map(([name, value]) =>
    name.startsWith(metadata) && !/^[\u0020-\u007e]*$/.test(value)
      ? [name, `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`]
      : [name, value],
  );
  return Object.fromEntries(sent);
}
