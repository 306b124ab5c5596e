"""ASN.1 in its distinguished encoding: bytes in, a tree of tagged values out. Knows no certificate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from coder_nb.embedded.identity.wrong import Wrong

__all__ = ["INTEGER", "NULL", "OCTETS", "OID", "SEQUENCE", "SET", "Value", "oid", "read_der"]

INTEGER: Final = 0x02
OCTETS: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
SEQUENCE: Final = 0x30
SET: Final = 0x31

_CONSTRUCTED: Final = 0x20


@dataclass(frozen=True)
class Value:
    """One value: its tag, its contents, and all its bytes with tag and length."""

    tag: int
    body: bytes
    whole: bytes

    @cached_property
    def parts(self) -> list[Value]:
        """The values it is made of."""
        if not self.tag & _CONSTRUCTED:
            raise Wrong("asn1: structure error: a value without parts where one with parts belongs")
        parts, rest = [], self.body
        while rest:
            part = read_der(rest)
            parts.append(part)
            rest = rest[len(part.whole) :]
        return parts

    def part(self, index: int, tag: int | None = None) -> Value:
        """One of the values it is made of, of that tag."""
        try:
            found = self.parts[index]
        except IndexError:
            raise Wrong("asn1: syntax error: sequence truncated") from None
        if tag is not None and found.tag != tag:
            raise Wrong(f"asn1: structure error: tags don't match ({tag} vs {found.tag})")
        return found

    @property
    def integer(self) -> int:
        """The number it is."""
        return int.from_bytes(self.body, "big", signed=True)


def read_der(data: bytes) -> Value:
    """The value at the start of some bytes.

    Raises:
        Wrong: they end too early, or the length is not given.
    """
    if len(data) < 2:
        raise Wrong("ber2der: input ber is empty" if not data else "ber2der: end of ber data reached")
    length, start = data[1], 2
    if length >= 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or len(data) < 2 + count:
            raise Wrong("ber2der: BER tag length too long" if count else "ber2der: Indefinite-length is not supported")
        length, start = int.from_bytes(data[2 : 2 + count], "big"), 2 + count
    end = start + length
    if end > len(data):
        raise Wrong("ber2der: BER tag length is more than available data")
    return Value(data[0], data[start:end], data[:end])


def oid(dotted: str) -> bytes:
    """The contents of an object identifier."""
    first, second, *others = map(int, dotted.split("."))
    encoded = bytearray([40 * first + second])
    for number in others:
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.append(number & 0x7F | 0x80)
        encoded += bytes(reversed(septets))
    return bytes(encoded)
