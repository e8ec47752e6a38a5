"""Errors as RFC 9457 problem details, and the one tree of errors that become them.

PolyglotError
├── InvalidInput            422  a field is wrong: says which, why, and what is allowed
│   ├── UnknownPlace        422
│   └── AmbiguousPlace      422
├── NotFound                404
├── Unauthorised            401
├── Forbidden               403
├── Conflict                409
├── TooLarge                413
├── TooManyRequests         429  retryable
└── Unavailable             503  retryable
    ├── FaresUnavailable    503
    └── MediaUnavailable    503
"""

from typing import Any, ClassVar

from pydantic import Field

from contracts.wire import Wire

PROBLEM_MEDIA_TYPE = "application/problem+json"


class Choice(Wire):
    """One of several right values, for a page to show and for a voice to say."""

    value: str
    """What to send in place of the wrong one."""
    label: str
    """What to call it, in the language of the request."""


class FieldProblem(Wire):
    """One wrong input."""

    field: str
    """Dotted path in the body, or the name of the parameter or header."""
    problem: str
    allowed: str | None = None
    """What would have been right."""
    choices: tuple[Choice, ...] = ()
    """What was perhaps meant, the likeliest first."""


class Problem(Wire):
    """RFC 9457 body, media type `application/problem+json`."""

    type: str
    """URI reference `/problems/<slug>`; stable, safe to switch on."""
    title: str
    status: int
    detail: str
    instance: str | None = None
    """Id of the request, for the operator's logs."""
    errors: tuple[FieldProblem, ...] = Field(default=())
    retryable: bool = False
    spoken: str | None = None
    """Key of `contracts.languages.SpokenLines` that tells a traveller the same."""


class PolyglotError(Exception):
    """Base: an expected failure with its policy on the type."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong on our side"
    retryable: ClassVar[bool] = False
    spoken: ClassVar[str | None] = None

    def __init__(self, detail: str, *, errors: tuple[FieldProblem, ...] = (), retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after
        """Seconds, for the Retry-After header."""

    def problem(self, instance: str | None = None) -> Problem:
        """The wire form."""
        return Problem(
            type=f"/problems/{self.slug}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            instance=instance,
            errors=self.errors,
            retryable=self.retryable,
            spoken=self.spoken,
        )

    def headers(self) -> dict[str, str]:
        """Response headers that belong to the error."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


class InvalidInput(PolyglotError):
    """The request is understood and wrong."""

    status = 422
    slug = "invalid-input"
    title = "The request is not valid"

    @classmethod
    def of(cls, field: str, problem: str, allowed: str | None = None) -> "InvalidInput":
        """One wrong field."""
        detail = f"{field}: {problem}" + (f"; allowed: {allowed}" if allowed else "")
        return cls(detail, errors=(FieldProblem(field=field, problem=problem, allowed=allowed),))


class UnknownPlace(InvalidInput):
    """No airport is known for a name."""

    slug = "unknown-place"
    title = "That place is not known"


class AmbiguousPlace(InvalidInput):
    """A name that several places have, or a region with several airports: the traveller must say which."""

    slug = "ambiguous-place"
    title = "Which place is meant is not clear"


class NotFound(PolyglotError):
    """No such thing, or not any more."""

    status = 404
    slug = "not-found"
    title = "Not found"


class Unauthorised(PolyglotError):
    """Credentials are missing or wrong."""

    status = 401
    slug = "unauthorised"
    title = "Credentials are missing or not valid"


class Forbidden(PolyglotError):
    """The caller may not do that."""

    status = 403
    slug = "forbidden"
    title = "Not allowed"


class Conflict(PolyglotError):
    """The state of the thing forbids it now."""

    status = 409
    slug = "conflict"
    title = "Not possible in the present state"


class TooLarge(PolyglotError):
    """The body is over the limit."""

    status = 413
    slug = "too-large"
    title = "The request body is too large"


class TooManyRequests(PolyglotError):
    """Over the caller's rate."""

    status = 429
    slug = "too-many-requests"
    title = "Too many requests"
    retryable = True

    def __init__(self, detail: str, *, retry_after: int, limit: int) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.limit = limit

    def headers(self) -> dict[str, str]:
        """Response headers that belong to the error: when to come again, and of how many this was one too many."""
        wait = str(self.retry_after)
        return {"Retry-After": wait} | rate_headers(self.limit, 0, int(wait))


class BudgetSpent(TooManyRequests):
    """Calls, minutes, searches or money of a call, a caller, a tenant or the whole deployment are used up."""

    slug = "budget-spent"
    title = "The budget is used up"


class Unavailable(PolyglotError):
    """Something that we depend on does not answer."""

    status = 503
    slug = "unavailable"
    title = "Temporarily unavailable"
    retryable = True


class FaresUnavailable(Unavailable):
    """Every fare source failed."""

    slug = "fares-unavailable"
    title = "No fare source answered"
    spoken = "search_unavailable"


class MediaUnavailable(Unavailable):
    """The LiveKit server does not answer."""

    slug = "media-unavailable"
    title = "The media server does not answer"
    spoken = "agent_missing"


def rate_headers(limit: int, remaining: int, reset: int) -> dict[str, str]:
    """RateLimit headers: of how many, how many are left, and in how many seconds that is new."""
    return {"RateLimit-Limit": str(limit), "RateLimit-Remaining": str(remaining), "RateLimit-Reset": str(reset)}


def field_problems(errors: list[Any]) -> tuple[FieldProblem, ...]:
    """Pydantic's error list without the input values, which may be personal data."""
    problems = []
    for error in errors:
        path = ".".join(str(part) for part in error["loc"] if part not in ("body", "query", "path", "header"))
        expected = error.get("ctx", {}).get("expected") or error.get("ctx", {}).get("pattern")
        problems.append(
            FieldProblem(field=path or "body", problem=error["msg"], allowed=str(expected) if expected else None)
        )
    return tuple(problems)
