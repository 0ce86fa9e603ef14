import { noSuchKey, notImplemented, preconditionFailed } from './errors.ts';
import type { Version } from './store/version.ts';

type Headers = Record<string, string>;

/** The outcome of a conditional GET or HEAD. */
export type Verdict = 'whole' | 'not modified';

/**
 * Conditions of GET and HEAD in the order of RFC 9110, 13.2.2, and of S3's documentation: a tag takes precedence over
 * a date. @throws S3Error 412
 */
export function evaluateReadConditions(headers: Headers, version: Version): Verdict {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (match !== undefined) {
    if (!matches(match, version.eTag, 'strong')) throw preconditionFailed('If-Match');
  } else {
    const since = seconds(headers['if-unmodified-since']);
    if (since !== undefined && modified(version) > since) throw preconditionFailed('If-Unmodified-Since');
  }
  if (noneMatch !== undefined) return matches(noneMatch, version.eTag, 'weak') ? 'not modified' : 'whole';
  const since = seconds(headers['if-modified-since']);
  return since !== undefined && modified(version) <= since ? 'not modified' : 'whole';
}

/** Whether a range may be returned: without If-Range, or when it names this version. */
export function allowsRange(headers: Headers, version: Version): boolean {
  const ifRange = headers['if-range'];
  if (ifRange === undefined) return true;
  const date = /^\s*(W\/)?"/.test(ifRange) ? undefined : seconds(ifRange);
  return date === undefined ? matches(ifRange, version.eTag, 'strong') : modified(version) === date;
}

/**
 * Conditions of a PUT: If-None-Match with `*` alone (S3 returns 501 for anything else), If-Match with tags.
 * @throws S3Error 412; 404 for If-Match where there is no object
 */
export function evaluateWriteConditions(headers: Headers, key: string, newest: Version | undefined): void {
  const there = newest !== undefined && !newest.marker ? newest : undefined;
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (noneMatch !== undefined && there !== undefined) throw preconditionFailed('If-None-Match');
  if (match === undefined) return;
  if (there === undefined) throw noSuchKey(key);
  if (!matches(match, there.eTag, 'strong')) throw preconditionFailed('If-Match');
}

/** To be called before the body is read. @throws S3Error for a condition that S3 does not support on a PUT */
export function checkWriteConditions(headers: Headers): void {
  if (headers['if-none-match'] !== undefined && headers['if-none-match'].trim() !== '*')
    throw notImplemented({ Header: 'If-None-Match' });
}

/** A list of entity tags; S3 also accepts one without quotes. In the strong comparison no weak tag is equal. */
function matches(list: string, eTag: string, comparison: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return true;
  return [...list.matchAll(/(W\/)?"([^"]*)"|([^\s,"]+)/g)].some(([, weak, quoted, bare]) => {
    if (weak !== undefined && comparison === 'strong') return false;
    return (quoted ?? bare) === eTag;
  });
}

/** Milliseconds of an HTTP date; undefined for anything else, which is ignored. */
function seconds(date: string | undefined): number | undefined {
  if (date === undefined || !/^[A-Z][a-z]{2,8},? .*\d\d:\d\d:\d\d/.test(date)) return undefined;
  const time = Date.parse(date);
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

/** Last-Modified has whole seconds, and is compared in whole seconds. */
const modified = (version: Version) => Math.floor(version.modified / 1000);
