"""What the server refused, in words: an answer that is not a good one becomes the error to raise, with a hint.

Everything a server says is made one short line without control characters, and without our token.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin, urlsplit

import msgspec

from coder_nb.credentials import Secret, same_deployment
from coder_nb.errors import ApiError, CoderError, ConfigurationError, ProtocolError, RateLimited, Validation, api_error
from coder_nb.transport.exchange import API, Answer, Call, tidy

__all__ = ["not_a_stream", "refused"]

_MANY = 20


class _Said(msgspec.Struct):
    """The API's error object, taken leniently: an error about an error would hide the first."""

    message: Any = ""
    detail: Any = ""
    validations: Any = None


def refused(answer: Answer, call: Call, url: str, token: Secret | None) -> CoderError | None:
    """The error an answer stands for; None for a good one.

    Args:
        answer: what came back.
        call: what had been sent.
        url: the deployment.
        token: what must not be repeated.
    """
    if 200 <= answer.status < 300:
        if not answer.body or answer.media_type == "application/json":
            return None
        return _not_json(answer, url)
    if 300 <= answer.status < 400:
        return _redirected(answer, url)
    if answer.status < 200:
        return ProtocolError(f"{answer.endpoint} answered {answer.status}, which is no answer", hint=_in_front(url))
    return _refusal(answer, call, url, token or Secret(""))


def not_a_stream(answer: Answer, wanted: str, url: str) -> ProtocolError:
    """The error for an answer that is good, but should have been the beginning of a stream."""
    return ProtocolError(
        f"{answer.endpoint} answered {answer.status} instead of becoming {wanted}",
        hint=f"something in front of Coder may not pass it on: does the dashboard at {url} update by itself?",
    )


def _refusal(answer: Answer, call: Call, url: str, token: Secret) -> ApiError:
    def clean(text: Any, most: int) -> str:
        return tidy(token.mask(text), most) if isinstance(text, str) else ""

    said = _parse(answer.body) or _parse(answer.body.partition(b"\n")[0]) or _Said(_plain(answer))
    validations = said.validations if isinstance(said.validations, list) else []
    error = api_error(answer.status)(
        clean(said.message, 500) or _phrase(answer.status),
        status=answer.status,
        detail=clean(said.detail, 1000),
        validations=[
            Validation(clean(item.get("field"), 100), clean(item.get("detail"), 500))
            for item in validations[:_MANY]
            if isinstance(item, dict)
        ],
        request_id=answer.request_id,
        endpoint=answer.endpoint,
    )
    if isinstance(error, RateLimited):
        error.retry_after = _retry_after(answer)
    error.hint = _hint(error, call, url)
    return error


def _parse(body: bytes) -> _Said | None:
    """The API's error object. Where something follows it, as in a stream that goes on, it is the first line."""
    try:
        return msgspec.json.decode(body, type=_Said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _hint(error: ApiError, call: Call, url: str) -> str:
    """What to type next, by status."""
    if isinstance(error, RateLimited):
        return f"try again in {max(1, round(error.retry_after))} s"
    if error.status >= 500:
        quote = f"quote the request {error.request_id} to the deployment's administrator" if error.request_id else ""
        if call.dials_agent:
            return f"the agent may be gone: %coder show. If it stays, {quote or 'ask the deployment’s administrator'}"
        return f"try again in a minute. If it stays, {quote or 'ask the deployment’s administrator'}"
    by_status: dict[int, Callable[[], str]] = {
        401: lambda: _sign_in(call, url),
        403: lambda: "ask an owner of the deployment: this user lacks the right, or the feature is turned off",
        404: lambda: _not_found(error),
        405: lambda: "the server may be older than this call: %coder whoami shows its version",
        407: lambda: "give the proxy's user name and password in HTTP_PROXY: http://user:password@host:port",
        409: lambda: "wait for what is under way, then try again",
        410: lambda: "it was deleted: %coder ls shows what there is",
    }
    return by_status.get(error.status, lambda: "")()


def _sign_in(call: Call, url: str) -> str:
    if call.as_agent:
        return "run this in the workspace as it is now: an agent's token ends with the build it was made for"
    if call.anonymous:
        return "check the user name and the password"
    return f"sign in again: %coder connect {url}"


def _not_found(error: ApiError) -> str:
    if error.message.startswith("Route not found"):
        return "the server does not have this call: %coder whoami shows its version"
    return "check the name; %coder ls shows what this user can see"


def _plain(answer: Answer) -> str:
    """What an error said that is not the API's own: a text's first line; of a web page only that it is one."""
    if answer.media_type == "text/plain":
        return answer.body.decode("utf-8", "replace").strip().partition("\n")[0]
    if answer.body:
        kind = answer.media_type or "an unknown type"
        return f"{_phrase(answer.status)}, in {kind}: it comes from something in front of Coder"
    return ""


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "no reason given"


def _not_json(answer: Answer, url: str) -> ProtocolError:
    kind = "a web page" if answer.media_type == "text/html" else answer.media_type or "something of no type"
    return ProtocolError(
        f"{answer.endpoint} answered with {kind} instead of JSON, from {url}{API}", hint=_in_front(url)
    )


def _in_front(url: str) -> str:
    parts = urlsplit(url)
    base = f"check the address: is {url} where the Coder dashboard opens, with nothing behind it?"
    if parts.path:
        base = f"check the address: is Coder at {parts.scheme}://{parts.netloc}, without {parts.path}?"
    return f"{base} Or a login page or proxy in front of it answers instead"


def _redirected(answer: Answer, url: str) -> ProtocolError:
    where = _destination(answer, url)
    if where is None:
        return ProtocolError(f"{answer.endpoint} answered {answer.status}, a redirect to nowhere", hint=_in_front(url))
    parts = urlsplit(where)
    origin = f"{parts.scheme}://{parts.netloc}"
    hint = _in_front(url)
    if not same_deployment(origin, url):
        hint = f"if {origin} is the deployment's own address: %coder connect {origin}. Or a login proxy stands in front"
    return ProtocolError(
        f"{answer.endpoint} was redirected ({answer.status}) to {origin}{parts.path}, which is never followed",
        hint=hint,
    )


def _destination(answer: Answer, url: str) -> str | None:
    """Where a redirect points, as an absolute http(s) address without what could be secret in it; None for nowhere."""
    location = tidy(answer.headers.get("Location", ""), 300)
    try:
        parts = urlsplit(urljoin(f"{url}{API}{answer.path}", location))
        same_deployment(f"{parts.scheme}://{parts.netloc}", url)
    except (ValueError, ConfigurationError):
        return None
    return f"{parts.scheme}://{parts.netloc}{parts.path}" if location else None


def _retry_after(answer: Answer) -> float:
    """Seconds until the server will listen again: by its own clock where it tells it, ours may be wrong."""
    reset, wait = answer.headers.get("X-RateLimit-Reset", ""), answer.headers.get("Retry-After", "")
    if reset.isascii() and reset.isdecimal() and len(reset) < 15:
        now = answer.date.timestamp() if answer.date else time.time()
        return max(0.0, int(reset) - now)
    if wait.isascii() and wait.isdecimal() and len(wait) < 15:
        return float(wait)
    return RateLimited.retry_after
