"""Request bodies, read the way a Go server reads them: one JSON value, unknown fields and what follows it ignored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from coder_nb.embedded.http.exchange import Refusal, Request, refuse

__all__ = ["read_object"]

_NOT_JSON: Final = "Request body must be valid JSON."
_GO_KINDS: Final[dict[type, str]] = {str: "string", bool: "bool", int: "number", float: "number", list: "array"}
_GO_ZERO: Final[dict[str, str | int]] = {"string": "", "time.Duration": 0}


def read_object(request: Request, struct: str, fields: Mapping[str, str]) -> dict[str, str | int]:
    """Reads an object's known fields; an absent one, or null, has its zero value.

    Args:
        request: its body is read.
        struct: what error texts call the object.
        fields: each field's Go type, "string" or "time.Duration".

    Raises:
        Refusal: 400.
    """
    value = _decode(request.body)
    if value is None:
        value = {}
    if not isinstance(value, dict):
        raise _refuse(f"json: cannot unmarshal {_kind(value)} into Go value of type codersdk.{struct}")
    result: dict[str, str | int] = {}
    for name, wanted in fields.items():
        given = value.get(name)
        if given is None:
            given = _GO_ZERO[wanted]
        if type(given) is not type(_GO_ZERO[wanted]):
            raise _refuse(
                f"json: cannot unmarshal {_kind(given)} into Go struct field {struct}.{name} of type {wanted}"
            )
        result[name] = given
    return result


def _decode(body: bytes) -> object:
    text = body.decode("utf-8", "replace").lstrip(" \t\r\n")
    if not text:
        raise _refuse("EOF")
    try:
        value: object = json.JSONDecoder().raw_decode(text)[0]
    except (json.JSONDecodeError, RecursionError) as error:
        position = error.pos if isinstance(error, json.JSONDecodeError) else 0
        if position >= len(text.rstrip()) or (isinstance(error, json.JSONDecodeError) and _cut_off(error)):
            raise _refuse("unexpected EOF") from None
        raise _refuse(f"invalid character {text[position]!r} looking for beginning of value") from None
    return value


def _cut_off(error: json.JSONDecodeError) -> bool:
    return error.msg.startswith("Unterminated") or not error.doc[error.pos :].strip()


def _kind(value: object) -> str:
    return _GO_KINDS.get(type(value), "object")


def _refuse(detail: str) -> Refusal:
    return refuse(400, _NOT_JSON, detail=detail)
