import {
  DeleteObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { dice } from './dice.ts';
import { bucket as Bucket, client } from './s3-fixture.ts';
import { raw } from './s3-raw.ts';

/** In byte order: prefixes first, capitals before lower case, U+FFFD before astral characters. */
const names = [
  'A',
  'B/1',
  'a',
  'a!',
  'a b',
  'a+b',
  'a/',
  'a/../b',
  'a//b',
  'a/1',
  'a/2',
  'a/2/x',
  'a/\u00e4',
  'ab',
  'a~',
]
  .concat(['b', 'e\u0301', 'z', '\u00e9', '\uff5a', '\ufffd', '\u{1f5bc}'])
  .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
const root = 'lists/';

interface Listed {
  keys: string[];
  groups: string[];
}

/** The expected listing, by definition. */
function expected(
  keys: readonly string[],
  prefix: string,
  delimiter: string | undefined,
  after = '',
): Listed {
  const listed: Listed = { keys: [], groups: [] };
  for (const key of keys) {
    if (!key.startsWith(prefix) || Buffer.compare(Buffer.from(key), Buffer.from(after)) <= 0) continue;
    const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
    if (end < 0) listed.keys.push(key);
    else if (listed.groups.at(-1) !== key.slice(0, end + 1)) listed.groups.push(key.slice(0, end + 1));
  }
  return listed;
}

type Question = { Prefix: string; Delimiter: string | undefined; MaxKeys: number };

async function listSecond(question: Question, StartAfter?: string): Promise<Listed> {
  const listed: Listed = { keys: [], groups: [] };
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket, ...question, StartAfter, ContinuationToken }),
    );
    const size = (page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0);
    expect(page.KeyCount).toBe(size);
    if (page.IsTruncated) expect(size).toBe(question.MaxKeys);
    else expect(size).toBeLessThanOrEqual(question.MaxKeys);
    listed.keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
    listed.groups.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return listed;
}

async function listFirst(question: Question): Promise<Listed> {
  const listed: Listed = { keys: [], groups: [] };
  let Marker: string | undefined;
  do {
    const page = await client.send(new ListObjectsCommand({ Bucket, ...question, Marker }));
    listed.keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
    listed.groups.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
    Marker = page.IsTruncated ? (page.NextMarker ?? listed.keys.at(-1)) : undefined;
  } while (Marker !== undefined);
  return listed;
}

/** Versions and delete markers as `key id latest`, sorted, because a page has them in two lists. */
async function listVersions(question: Question): Promise<{ entries: string[]; groups: string[] }> {
  const listed = { entries: [] as string[], groups: [] as string[] };
  let markers: Pick<ListObjectVersionsCommandInput, 'KeyMarker' | 'VersionIdMarker'> | undefined = {};
  while (markers !== undefined) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket, ...question, ...markers }),
    );
    for (const one of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])])
      listed.entries.push(`${one.Key} ${one.VersionId} ${one.IsLatest}`);
    listed.groups.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
    const { IsTruncated, NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    markers = IsTruncated ? { KeyMarker, VersionIdMarker } : undefined;
  }
  return { entries: listed.entries.sort(), groups: listed.groups };
}

test('listings match their definition, whatever was written and deleted, in pages of any size', async () => {
  const roll = dice(9);
  const pick = <One>(from: readonly One[]) => from[roll(from.length)] as One;
  /** Versions and markers of each key, the newest first. */
  const model = new Map<string, { id: string; marker: boolean }[]>();
  for (let round = 0; round < 12; round++) {
    for (let step = 0; step < 12; step++) {
      const Key = root + pick(names);
      const versions = model.get(Key) ?? [];
      const action = roll(6);
      if (action < 3) {
        const { VersionId = '' } = await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
        model.set(Key, [{ id: VersionId, marker: false }, ...versions]);
      } else if (action === 3) {
        const { VersionId = '' } = await client.send(new DeleteObjectCommand({ Bucket, Key }));
        model.set(Key, [{ id: VersionId, marker: true }, ...versions]);
      } else if (versions.length > 0) {
        const { id: VersionId } = pick(versions);
        await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
        model.set(
          Key,
          versions.filter(({ id }) => id !== VersionId),
        );
      }
    }
    const all = names.map((name) => root + name).filter((key) => (model.get(key) ?? []).length > 0);
    const live = all.filter((key) => model.get(key)?.[0]?.marker === false);
    for (let asked = 0; asked < 3; asked++) {
      const question = {
        Prefix: root + pick(['', '', 'a', 'a/', 'b', '\u00e9', 'none']),
        Delimiter: pick([undefined, '/', '/', ' ']),
        MaxKeys: 1 + roll(5),
      };
      const shown = expected(live, question.Prefix, question.Delimiter);
      expect(await listSecond(question)).toMatchObject(shown);
      expect(await listFirst(question)).toEqual(shown);
      const { keys, groups } = expected(all, question.Prefix, question.Delimiter);
      const entries = keys.flatMap((key) =>
        (model.get(key) ?? []).map(({ id }, index) => `${key} ${id} ${index === 0}`),
      );
      expect(await listVersions(question)).toEqual({ entries: entries.sort(), groups });
    }
    const after = root + pick(names);
    const question = { Prefix: root, Delimiter: undefined, MaxKeys: 4 };
    expect(await listSecond(question, after)).toMatchObject(expected(live, root, undefined, after));
  }
});

test('start-after within a common prefix still lists its later keys', async () => {
  const prefix = 'start/';
  for (const name of ['a/1', 'a/2', 'b']) await raw({ method: 'PUT', key: prefix + name, body: 'x' });
  const list = (StartAfter: string) =>
    listSecond({ Prefix: prefix, Delimiter: '/', MaxKeys: 10 }, prefix + StartAfter);
  expect(await list('a/1')).toMatchObject({ groups: [`${prefix}a/`], keys: [`${prefix}b`] });
  expect(await list('a/2')).toMatchObject({ groups: [], keys: [`${prefix}b`] });
  expect(await list('a/')).toMatchObject({ groups: [], keys: [`${prefix}b`] });
});

test('an empty page is not truncated, and a page has at most 1000', async () => {
  const none = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }));
  expect(none).toMatchObject({ KeyCount: 0, IsTruncated: false, MaxKeys: 0 });
  expect((await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 5000 }))).MaxKeys).toBe(1000);
});

test('characters that XML cannot contain are references, or encoded on request', async () => {
  const key = 'encoded/a b+\u0001&<>"\'\u00fc/%41*~';
  await raw({ method: 'PUT', key, body: 'x' });
  const plain = await raw({ query: { 'list-type': '2', prefix: 'encoded/' } });
  expect(plain.body.toString()).toContain(
    '<Key>encoded/a b+&#x1;&amp;&lt;&gt;&quot;&apos;\u00fc/%41*~</Key>',
  );
  for (const query of [{ 'list-type': '2' }, {}, { versions: '' }]) {
    const url = await raw({ query: { ...query, 'encoding-type': 'url', prefix: 'encoded/a b' } });
    expect(url.body.toString()).toContain('<Key>encoded/a+b%2B%01%26%3C%3E%22%27%C3%BC/%2541*%7E</Key>');
    expect(url.body.toString()).toContain('<Prefix>encoded/a+b</Prefix>');
    expect(url.body.toString()).toContain('<EncodingType>url</EncodingType>');
  }
});

test.each([
  [{ 'max-keys': 'many' }],
  [{ 'max-keys': '-1' }],
  [{ 'max-keys': '2147483648' }],
  [{ 'encoding-type': 'base64' }],
  [{ 'list-type': '2', 'continuation-token': 'no token!' }],
  [{ versions: '', 'version-id-marker': 'x'.repeat(32) }],
  [{ versions: '', 'key-marker': 'a', 'version-id-marker': 'x' }],
])('a listing with %o is refused', async (query) => {
  const { status, code } = await raw({ query: query as Record<string, string> });
  expect([status, code]).toEqual([400, 'InvalidArgument']);
});
