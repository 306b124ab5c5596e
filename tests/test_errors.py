"""Errors say what happened, to which thing, and what to type next; the tree is the one that is drawn."""

from __future__ import annotations

import inspect

import pytest

from coder_nb import errors


def test_every_error_is_in_the_picture_and_exported() -> None:
    """Who reads the docstring knows the tree."""
    classes = {
        name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, errors.CoderError)
    }
    assert classes <= set(errors.__all__)
    assert all(name in (errors.__doc__ or "") for name in classes)


def test_an_error_shows_as_two_lines() -> None:
    """The message, then the hint."""
    error = errors.ConfigurationError("no token for https://x", hint="%coder connect https://x")
    assert error._render_traceback_() == [
        "ConfigurationError: no token for https://x",
        "hint: %coder connect https://x",
    ]


def test_the_whole_traceback_shows_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """`%config CoderMagics.traceback = "full"` sets this switch."""
    monkeypatch.setattr(errors, "traceback", "full")
    try:
        raise errors.ConfigurationError("x")
    except errors.CoderError as error:
        lines = error._render_traceback_()
    assert lines[0].startswith("Traceback") and any("test_errors.py" in line for line in lines)


def test_a_refusal_names_endpoint_status_fields_and_request() -> None:
    """All that an administrator asks for, in one line."""
    error = errors.api_error(400)(
        "Query parameters have invalid values.",
        status=400,
        detail="d.",
        validations=[errors.Validation("limit", "must be positive.")],
        request_id="r-1",
        endpoint="GET /api/v2/workspaces",
        hint="h",
    )
    assert str(error) == (
        "GET /api/v2/workspaces answered 400: Query parameters have invalid values (d); limit: must be positive"
        " [request r-1]\nhint: h"
    )


def test_what_the_client_found_itself_is_said_plainly() -> None:
    """Without an endpoint there is only the sentence."""
    assert str(errors.NotFound("no workspace 'wbe'", status=404, hint="did you mean web?")) == (
        "no workspace 'wbe'\nhint: did you mean web?"
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "Invalid"), (401, "AuthenticationError"), (403, "PermissionDenied"), (404, "NotFound"), (409, "Conflict"),
     (410, "NotFound"), (413, "TooLarge"), (418, "ApiError"), (422, "Invalid"), (429, "RateLimited"),
     (500, "ServerError"), (502, "ServerError"), (599, "ServerError")],
)  # fmt: skip
def test_each_status_has_its_class(status: int, kind: str) -> None:
    """The same one whatever the transport."""
    assert errors.api_error(status).__name__ == kind
