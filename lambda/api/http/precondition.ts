import { etagPattern } from '../schemas/requests.ts';
import { invalid, Problem } from './problem.ts';
import { type ApiRequest, headerOf } from './request.ts';

/** The revisions that If-Match names, or `any` for `*`. */
export type Match = 'any' | ReadonlySet<number>;

/**
 * Reads If-Match of an edit. Compared is the revision with which an ETag begins, and not the rest, which changes with what
 * the service does: progress of a worker or the expiry of a URL is no reason to refuse an edit. The comparison is strong
 * (RFC 9110, 13.1.1): a weak ETag, and one of another form, matches nothing.
 * @throws Problem `precondition_required`; `invalid_request` for text that is no list of ETags.
 */
export function requireMatch(request: ApiRequest): Match {
  const header = headerOf(request, 'If-Match')?.trim();
  if (header === undefined)
    throw new Problem('precondition_required', 'Send If-Match with the ETag of what you have read.');
  if (header === '*') return 'any';
  if (!new RegExp(String.raw`^${etagPattern}(?:[ \t]*,[ \t]*${etagPattern})*$`).test(header))
    throw invalid([{ path: 'If-Match', detail: 'is neither * nor a list of ETags in double quotes' }]);
  const strong = header.matchAll(/(W\/)?"(?:([1-9]\d{0,9})(?:-[\w-]+)?|[^"]*)"/g);
  return new Set(
    [...strong].flatMap(([, weak, revision]) =>
      weak === undefined && revision !== undefined ? Number(revision) : [],
    ),
  );
}

/** Whether an edit of this revision may be made. */
export function isMatch(match: Match, revision: number): boolean {
  return match === 'any' || match.has(revision);
}

/** The refusal of an edit that was made of an earlier state. @param etag the current one */
export function changedMeanwhile(etag: string): Problem {
  return new Problem(
    'precondition_failed',
    'It was edited since it had the ETag of If-Match; read it again and repeat the edit.',
    { headers: { ETag: etag } },
  );
}
