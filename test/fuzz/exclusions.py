"""What schemathesis calls a finding and we do not: an exclusion a function, with its reason.

Each is about requests that fit the document and are refused all the same, because what is wrong with them is not in
their shape. A schema has no word for it; docs/api.md says it in ours.
"""

import atexit
import base64
import collections
import json

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData, UnsupportedMethodResponse, UseAfterFree


def other_body(problem, case):
    """Content-MD5 and Content-Digest name a body. A random one that is well-formed names another body than is sent."""
    return problem["code"] == "digest_mismatch"


def used_key(problem, case):
    """An Idempotency-Key is invented from a small space, so it comes again with another request: that is what 422 is for."""
    return problem["code"] == "idempotency_key_reused"


def ended_request(problem, case):
    """A request is repeated whose image or export was deleted by another case meanwhile: 410 is the promised answer."""
    return problem["code"] in {"image_deleted", "export_deleted"}


def other_form(problem, case):
    """Some parameters belong to an image as the body. OpenAPI binds parameters to an operation and cannot bind them to one
    of its media types."""
    return case.media_type == "application/json" and paths(problem) <= {*IMAGE_QUERY, *IMAGE_HEADERS}


def page_of_ids(problem, case):
    """`ids` names images instead of a page. No schema says that one parameter excludes others."""
    return "ids" in (case.query or {}) and paths(problem) <= set(PAGE_QUERY)


def invented_cursor(problem, case):
    """A cursor is opaque and made by the API. Others of the same form are refused."""
    return paths(problem) == {"cursor"}


def long_metadata(problem, case):
    """Names and values together have a bound in bytes of JSON; a schema can bound each of them alone."""
    return any("bytes of JSON" in mistake["detail"] for mistake in problem.get("errors", []))


def half_a_character(problem, case):
    """JSON can write half of a surrogate pair as \\ud800; no schema forbids it, and no database keeps it."""
    return any("surrogate" in mistake["detail"] for mistake in problem.get("errors", []))


def unreachable_host(problem, case):
    """Which hosts are on the public Internet is said by lists of address blocks and names; a schema knows the form of a URL."""
    return paths(problem) == {"url"} and not any("https" in mistake["detail"] for mistake in problem["errors"])


def empty_range(problem, case):
    """`to` is compared with `from`; a schema checks each of them alone."""
    return paths(problem) == {"to"} and all('"from"' in mistake["detail"] for mistake in problem["errors"])


def any_bytes(case):
    """The body of an image type is bytes: the fuzzer's `true`, which is no string, is four of them. They are checked
    when they are decoded; then the image ends as rejected, with a code."""
    return (case.media_type or "").startswith("image/")


def comma_in_list(case):
    """A list in a query is separated by commas: an entry with one is two entries, and those are valid."""
    lists = [entries for entries in (case.query or {}).values() if isinstance(entries, list)]
    return any("," in str(entry) for entries in lists for entry in entries)


def method_beyond_any(case, response):
    """`ANY` of API Gateway includes neither TRACE nor QUERY: they get the 404 of an unknown path (docs/api.md)."""
    return case.method in {"TRACE", "QUERY"} and response.status_code == 404


def kept_events(case, response):
    """The events of a deleted image are kept for some days, its deletion among them (docs/events.md). A request that
    names a last event gets those after it, perhaps none."""
    asked = "Last-Event-ID" in (case.headers or {}) or "after" in (case.query or {})
    return case.operation.path.endswith("/events") and (asked or '"image.deleted"' in response.text)


EXCLUSIONS = (
    other_body,
    used_key,
    ended_request,
    other_form,
    page_of_ids,
    invented_cursor,
    long_metadata,
    half_a_character,
    unreachable_host,
    empty_range,
)


# Parameters of an image as the body, and of a page.
IMAGE_QUERY = ("presets", "priority")
IMAGE_HEADERS = ("X-Sluice-Metadata", "X-Sluice-Replaces")
PAGE_QUERY = ("status", "limit", "cursor")

# As the API makes it: a version and the id of an image.
REAL_CURSOR = base64.urlsafe_b64encode(b"1:0190a0a0-0000-7000-8000-000000000000").decode().rstrip("=")


# A public host by its name, which does not exist (RFC 6761): nothing is sent to anybody.
REAL_URL = "https://hooks.sluice.example/"


def paths(problem):
    """Places of the mistakes; a set that is in no other where there are none."""
    return {mistake["path"] for mistake in problem.get("errors", [])} or {None}


@schemathesis.hook
def map_case(context, case):
    """Removes from valid cases what would be refused for a reason above, so that they reach the code after it."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return case
    if "cursor" in (case.query or {}):
        case.query["cursor"] = REAL_CURSOR
        if case.operation.path == "/v1/usage":
            del case.query["cursor"]
    if "ids" in (case.query or {}):
        for name in PAGE_QUERY:
            case.query.pop(name, None)
    if "wait" in (case.query or {}):
        # Such requests are really held, and there are many.
        case.query["wait"] = "1"
    if case.operation.method not in {"post", "patch"}:
        return case
    if isinstance(case.body, dict) and "url" in case.body:
        case.body["url"] = REAL_URL
    if case.operation.method == "patch" and "If-Match" in (case.headers or {}):
        case.headers["If-Match"] = "*"
    for name in ("Content-MD5", "Content-Digest"):
        (case.headers or {}).pop(name, None)
    if case.media_type == "application/json":
        for name in IMAGE_HEADERS:
            (case.headers or {}).pop(name, None)
        for name in IMAGE_QUERY:
            (case.query or {}).pop(name, None)
    return case


@schemathesis.hook
def filter_failure(context, failure, case, response):
    reason = reason_of(failure, case, response)
    if reason is not None:
        excluded[reason.__name__] += 1
    return reason is None


excluded = collections.Counter()


@atexit.register
def tell():
    counts = ", ".join(f"{name} {count}" for name, count in excluded.most_common()) or "nothing"
    print(f"Excluded, by the names of test/fuzz/exclusions.py: {counts}")


def reason_of(failure, case, response):
    if isinstance(failure, AcceptedNegativeData) and response.status_code == 202:
        return any_bytes if any_bytes(case) else None
    if isinstance(failure, AcceptedNegativeData) and response.status_code == 200:
        return comma_in_list if comma_in_list(case) else None
    if isinstance(failure, UnsupportedMethodResponse):
        return method_beyond_any if method_beyond_any(case, response) else None
    if isinstance(failure, UseAfterFree):
        return kept_events if kept_events(case, response) else None
    if not isinstance(failure, RejectedPositiveData):
        return None
    try:
        problem = json.loads(response.text)
    except ValueError:
        return None
    return next((exclusion for exclusion in EXCLUSIONS if exclusion(problem, case)), None)
