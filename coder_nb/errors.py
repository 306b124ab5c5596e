"""Every error coder_nb raises on purpose, as one tree. Each carries a hint: the next thing to type.

CoderError
├── ConfigurationError      no URL, no token, a token of the wrong kind or for another deployment
│   └── NotRecorded         a recording that is replayed has no answer to this
├── InvalidCommand          a bad magic line: unknown command, flag or value, with the nearest ones
├── ConfirmationRequired    a changing command with nobody to ask
├── TransportError          could not reach, TLS, timeout, dropped
│   └── ConnectionLost      the line to a command in a workspace broke: nobody knows what became of it
├── ApiError                the server refused: status, message, detail, validations, request_id
│   ├── AuthenticationError 401   ├── PermissionDenied 403   ├── NotFound 404, 410   ├── Conflict 409
│   ├── Invalid 400, 422          ├── TooLarge 413           ├── RateLimited 429     └── ServerError 5xx
├── ProtocolError           the server said something the contract does not allow
├── AgentUnavailable        the workspace is stopped, starting, disconnected or timed out
├── CommandFailed           a remote command's non-zero exit
└── RunbookError            a step failed, was declined, or a parameter is wrong
"""

from __future__ import annotations

import traceback as _traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from coder_nb import look

if TYPE_CHECKING:
    from coder_nb.remote.result import RunResult

__all__ = [
    "AgentUnavailable",
    "ApiError",
    "AuthenticationError",
    "CoderError",
    "CommandFailed",
    "ConfigurationError",
    "ConfirmationRequired",
    "Conflict",
    "ConnectionLost",
    "Invalid",
    "InvalidCommand",
    "NotFound",
    "NotRecorded",
    "PermissionDenied",
    "ProtocolError",
    "RateLimited",
    "RunbookError",
    "ServerError",
    "TooLarge",
    "TransportError",
    "Validation",
    "api_error",
]

traceback: Literal["short", "full"] = "short"
"""How a CoderError shows in IPython: two lines, or the whole traceback. `%config CoderMagics.traceback` sets it."""


class CoderError(Exception):
    """Anything coder_nb raises on purpose.

    Args:
        message: what happened, and to which thing, without a final full stop.
        hint: what to type next; "" where there is nothing sensible to do.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return look.hide(f"{self._said()}\nhint: {self.hint}" if self.hint else self._said())

    def __repr__(self) -> str:
        return look.hide(super().__repr__())

    def _said(self) -> str:
        """What happened, without the hint."""
        return self.message

    def _render_traceback_(self) -> list[str]:
        """What IPython prints instead of a traceback: the error and its hint, a line each."""
        if traceback == "full":
            return look.hide("".join(_traceback.format_exception(self))).splitlines()
        # A kind that only the transport tells apart shows under the name people can look up and catch.
        name = next(kind.__name__ for kind in type(self).__mro__ if kind.__module__ == __name__)
        return f"{name}: {self}".splitlines()


class ConfigurationError(CoderError):
    """No URL, no token, a token of the wrong kind or for another deployment, an unreadable profile."""


class NotRecorded(ConfigurationError):
    """A recording is being replayed in which this was not asked. Asking again does not help; recording again does."""


class InvalidCommand(CoderError):
    """A bad magic line. Not IPython's UsageError, which test tools do not see as a failed cell."""


class ConfirmationRequired(CoderError):
    """A command that changes something was run with nobody to ask; `--yes` answers in advance."""


class TransportError(CoderError):
    """The deployment could not be reached, or the exchange broke off: DNS, TLS, proxy, timeout, early close."""


class ConnectionLost(TransportError):
    """The line to what runs in a workspace broke. Whether that went on, ended or failed is unknown; nothing is rerun.

    Attributes:
        output: what had come until then.
    """

    def __init__(self, message: str, *, output: bytes | str = b"", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.output = output


class ProtocolError(CoderError):
    """The server said something its contract does not allow. The message names the endpoint and the field."""


class AgentUnavailable(CoderError):
    """The agent cannot be asked: its workspace is stopped or starting, or the agent is disconnected or timed out."""


class CommandFailed(CoderError):
    """A command ran in a workspace and its exit code was not 0, or there was none.

    Attributes:
        result: what is known of how it went.
    """

    def __init__(self, message: str, *, result: RunResult[Any], hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.result = result

    @property
    def code(self) -> int | None:
        """The exit code; None where there is none."""
        return self.result.code

    @property
    def output(self) -> Any:
        """All it wrote, as text or, where that was asked for, as bytes."""
        return self.result.output


class RunbookError(CoderError):
    """A runbook's step failed or was declined, or one of its parameters is wrong."""


class Validation(NamedTuple):
    """One field the server refused, and why."""

    field: str
    detail: str


class ApiError(CoderError):
    """The server refused a request.

    Attributes:
        status: the HTTP status.
        detail: the server's own further text, "" when it gave none.
        validations: the fields it refused.
        request_id: what to quote to the deployment's administrator, "" when unknown.
        endpoint: method and path, e.g. "GET /api/v2/users/me"; "" where the client itself found the cause.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        detail: str = "",
        validations: Sequence[Validation] = (),
        request_id: str = "",
        endpoint: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.detail = detail
        self.validations = tuple(validations)
        self.request_id = request_id
        self.endpoint = endpoint

    def _said(self) -> str:
        said = f"{self.message.rstrip('.')} ({self.detail.rstrip('.')})" if self.detail else self.message.rstrip(".")
        for validation in self.validations:
            said += f"; {validation.field}: {validation.detail.rstrip('.')}"
        # Without an endpoint it is our own sentence about an answer, and the answer itself would only be in the way.
        where = f"{self.endpoint} answered {self.status}: " if self.endpoint else ""
        trace = f" [request {self.request_id}]" if self.request_id else ""
        return f"{where}{said}{trace}"


class AuthenticationError(ApiError):
    """401: the token is missing, malformed, unknown, expired, or its user is suspended."""


class PermissionDenied(ApiError):
    """403: this user may not do that, or the feature is turned off."""


class NotFound(ApiError):
    """404 or 410: no such thing, it is deleted, or this user may not see it (the server does not tell which)."""


class Conflict(ApiError):
    """409: something else is already under way."""


class Invalid(ApiError):
    """400 or 422: the request was understood and refused; see `validations`."""


class TooLarge(ApiError):
    """413: over a quota, such as the 1 MiB of logs an agent may store."""


class RateLimited(ApiError):
    """429, after waiting once. `retry_after`: seconds until the server will listen again."""

    retry_after: float = 60.0


class ServerError(ApiError):
    """5xx: the server, or the agent behind it, failed."""


_BY_STATUS: dict[int, type[ApiError]] = {
    400: Invalid,
    401: AuthenticationError,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    413: TooLarge,
    422: Invalid,
    429: RateLimited,
}


def api_error(status: int) -> type[ApiError]:
    """The class for an HTTP status; the same one over HTTP, SSE and WebSocket."""
    return _BY_STATUS.get(status, ServerError if status >= 500 else ApiError)
