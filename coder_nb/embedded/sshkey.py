"""An SSH key pair as `ssh-keygen -t ed25519` makes one, with the standard library only.

The arithmetic is RFC 8032's, and takes no care to run in constant time: the key is a demo's, made afresh in each
process and known to no server. That needs neither a program on the machine nor a package that is compiled.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64encode
from struct import pack
from typing import Final

from coder_nb.credentials.secret import Secret

__all__ = ["new_key", "public_half"]

_KIND: Final = b"ssh-ed25519"
_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_BASE_Y: Final = 4 * pow(5, -1, _P) % _P
_BASE_X: Final = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_BLOCK: Final = 8
_WIDTH: Final = 70

_Point = tuple[int, int, int, int]
"""X, Y, Z, T: x = X/Z, y = Y/Z, x * y = T/Z."""


def new_key() -> tuple[str, Secret]:
    """A fresh key pair.

    Returns:
        The line for authorized_keys, with its line break, and the private key in OpenSSH's form.
    """
    seed = secrets.token_bytes(32)
    public = public_half(seed)
    blob = _text(_KIND) + _text(public)
    check = secrets.token_bytes(4)
    private = check * 2 + blob + _text(seed + public) + _text(b"")
    private += bytes(range(1, 1 + -len(private) % _BLOCK))
    whole = b"openssh-key-v1\0" + _text(b"none") * 2 + _text(b"") + pack(">I", 1) + _text(blob) + _text(private)
    body = b64encode(whole).decode()
    lines = [body[start : start + _WIDTH] for start in range(0, len(body), _WIDTH)]
    pem = "\n".join(["-----BEGIN OPENSSH PRIVATE KEY-----", *lines, "-----END OPENSSH PRIVATE KEY-----", ""])
    return f"{_KIND.decode()} {b64encode(blob).decode()}\n", Secret(pem)


def public_half(seed: bytes) -> bytes:
    """The 32 bytes of the public key that belongs to the 32 of a private one."""
    digest = bytearray(hashlib.sha512(seed).digest()[:32])
    digest[0] &= 0b11111000
    digest[31] = digest[31] & 0b00111111 | 0b01000000
    x, y, z, _ = _times(int.from_bytes(digest, "little"), (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P))
    inverse = pow(z, -1, _P)
    return (y * inverse % _P | (x * inverse % _P & 1) << 255).to_bytes(32, "little")


def _times(factor: int, point: _Point) -> _Point:
    total: _Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            total = _add(total, point)
        point = _add(point, point)
        factor >>= 1
    return total


def _add(one: _Point, other: _Point) -> _Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _text(value: bytes) -> bytes:
    return pack(">I", len(value)) + value
