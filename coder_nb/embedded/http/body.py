"""Request bodies, read the way a Go server reads them: one JSON value, unknown fields and what follows it ignored."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from coder_nb.embedded.http.exchange import Refusal, Request, refuse
from coder_nb.embedded.http.params import BadValue

__all__ = ["Body", "read_object"]

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
    body = Body(request, struct, package="codersdk")
    result: dict[str, str | int] = {}
    for name, wanted in fields.items():
        given = body.values.get(name)
        if given is None:
            given = _GO_ZERO[wanted]
        if not isinstance(given, str | int) or type(given) is not type(_GO_ZERO[wanted]):
            raise body.mismatch(given, name, wanted)
        result[name] = given
    return result


class Body:
    """An object whose fields are asked for one by one; an absent one, or null, has its zero value.

    Args:
        request: its body is read.
        struct: what error texts call the object.
        package: the package they say the struct is of.

    Raises:
        Refusal: 400, from here and from each of the methods.
    """

    def __init__(self, request: Request, struct: str, *, package: str = "agentsdk") -> None:
        value = _decode(request.body)
        if value is not None and not isinstance(value, dict):
            raise _refuse(f"json: cannot unmarshal {_kind(value)} into Go value of type {package}.{struct}")
        self.values: dict[str, object] = value or {}
        self._struct = struct

    def text(self, name: str) -> str:
        """A text."""
        given = self.values.get(name)
        if given is not None and not isinstance(given, str):
            raise self.mismatch(given, name, "string")
        return given or ""

    def flag(self, name: str) -> bool:
        """True or false."""
        given = self.values.get(name)
        if given is not None and not isinstance(given, bool):
            raise self.mismatch(given, name, "bool")
        return bool(given)

    def parsed(self, name: str, parse: Callable[[str], str], go_type: str, zero: str) -> str:
        """A text of a form of its own, such as a uuid; `parse` raises BadValue."""
        given = self.values.get(name)
        if given is None:
            return zero
        if not isinstance(given, str):
            raise self.mismatch(given, name, go_type)
        try:
            return parse(given)
        except BadValue as error:
            raise _refuse(str(error)) from None

    def objects(self, name: str, go_type: str) -> list[Body]:
        """A list of objects."""
        given = self.values.get(name)
        if given is None:
            return []
        if not isinstance(given, list):
            raise self.mismatch(given, name, f"[]{go_type}")
        return [self._nested(one, name, go_type) for one in given]

    def mismatch(self, given: object, name: str, go_type: str) -> Refusal:
        """A value of the wrong type."""
        return _refuse(
            f"json: cannot unmarshal {_kind(given)} into Go struct field {self._struct}.{name} of type {go_type}"
        )

    def _nested(self, given: object, name: str, go_type: str) -> Body:
        if given is not None and not isinstance(given, dict):
            raise self.mismatch(given, name, go_type)
        nested = object.__new__(Body)
        nested.values, nested._struct = given or {}, f"{self._struct}.{name}"
        return nested


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
