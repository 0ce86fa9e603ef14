import type { ServerResponse } from 'node:http';
import { behind, behindAll, laterOf } from './byte-order.ts';
import type { S3Context } from './context.ts';
import { invalidArgument } from './errors.ts';
import { groupOf, type ListParameters, listedDate, listParameters } from './list-parameters.ts';
import type { S3Request } from './request.ts';
import { isVersionId, sequenceOf, type Version } from './store/version.ts';
import type { VersionIndex } from './store/version-index.ts';
import { type Content, element, s3Document, sendDocument } from './xml.ts';

interface Page {
  versions: Version[];
  groups: string[];
  truncated: boolean;
  /** The last key, or common prefix, and the version of the last key. */
  lastKey: string;
  lastId: string | undefined;
}

/** GET ?versions: every version and delete marker, by key, the newest of a key first. */
export function listVersions(request: S3Request, response: ServerResponse, { store }: S3Context): void {
  const { bucket, query } = request;
  const parameters = listParameters(request);
  const { encode, prefix, delimiter, maxKeys, encodingType } = parameters;
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('version-id-marker') ?? undefined;
  if (idMarker !== undefined && keyMarker === '')
    throw invalidArgument(
      'A version-id marker cannot be specified without a key marker.',
      'version-id-marker',
      idMarker,
    );
  if (idMarker === '' || (idMarker !== undefined && !isVersionId(idMarker)))
    throw invalidArgument('Invalid version id specified', 'version-id-marker', idMarker);
  const first = findFirst(store.index, bucket, keyMarker, idMarker, parameters);
  const page = readPage(store.index, bucket, first, parameters);
  const entries = page.versions.map((version) =>
    element(version.marker ? 'DeleteMarker' : 'Version', entryOf(version, encode)),
  );
  const document = s3Document(
    'ListVersionsResult',
    {
      Name: bucket,
      Prefix: encode(prefix),
      KeyMarker: encode(keyMarker),
      VersionIdMarker: idMarker ?? '',
      NextKeyMarker: page.truncated ? encode(page.lastKey) : undefined,
      NextVersionIdMarker: page.truncated ? page.lastId : undefined,
      MaxKeys: maxKeys,
      Delimiter: delimiter === undefined ? undefined : encode(delimiter),
      EncodingType: encodingType,
      IsTruncated: page.truncated,
      CommonPrefixes: page.groups.map((group) => ({ Prefix: encode(group) })),
    },
    // Versions and delete markers are listed together.
    entries.join(''),
  );
  sendDocument(response, document);
}

function entryOf(version: Version, encode: (key: string) => string): Content {
  return {
    Key: encode(version.key),
    VersionId: version.id,
    IsLatest: version.latest,
    LastModified: listedDate(version.modified),
    ...(version.marker ? {} : { ETag: `"${version.eTag}"`, Size: version.bytes, StorageClass: 'STANDARD' }),
  };
}

/** The first version after the markers. The one that `version-id-marker` names may have been deleted since. */
function findFirst(
  index: VersionIndex,
  bucket: string,
  keyMarker: string,
  idMarker: string | undefined,
  parameters: ListParameters,
): Version | undefined {
  const start = Buffer.from(parameters.prefix);
  if (keyMarker === '') return index.nextVersion(bucket, start);
  if (groupOf(keyMarker, parameters) === keyMarker)
    return index.nextVersion(bucket, laterOf(behindAll(keyMarker), start));
  if (idMarker !== undefined) {
    const sequence = index.byId(bucket, keyMarker, idMarker)?.sequence ?? sequenceOf(idMarker);
    // The position of a deleted null version is unknown: its key is listed from the top, so that nothing is left out.
    const older = index.older(bucket, keyMarker, sequence ?? Number.MAX_SAFE_INTEGER);
    if (older !== undefined) return older;
  }
  return index.nextVersion(bucket, laterOf(behind(keyMarker), start));
}

function readPage(
  index: VersionIndex,
  bucket: string,
  first: Version | undefined,
  parameters: ListParameters,
): Page {
  const page: Page = { versions: [], groups: [], truncated: false, lastKey: '', lastId: undefined };
  let version = first;
  while (parameters.maxKeys > 0 && version?.key.startsWith(parameters.prefix)) {
    if (page.versions.length + page.groups.length === parameters.maxKeys) {
      page.truncated = true;
      break;
    }
    const group = groupOf(version.key, parameters);
    if (group !== undefined) {
      page.groups.push(group);
      page.lastKey = group;
      page.lastId = undefined;
      version = index.nextVersion(bucket, behindAll(group));
    } else {
      page.versions.push(version);
      page.lastKey = version.key;
      page.lastId = version.id;
      version =
        index.older(bucket, version.key, version.sequence) ?? index.nextVersion(bucket, behind(version.key));
    }
  }
  return page;
}
