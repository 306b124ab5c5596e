"""Google: an instance's identity token, a JWT signed with RS256. Its audience is not looked at, as on a real server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from coder_nb.embedded.identity.rsa import public_key
from coder_nb.embedded.identity.wrong import Wrong, read_base64, read_json
from coder_nb.embedded.wire.text import quote

__all__ = ["google_instance"]


def google_instance(token: str, keys: Mapping[str, str], now: datetime) -> str:
    """The id of the instance a token is about; "" for a token that names none.

    Args:
        token: three segments.
        keys: public keys in PEM form, by key id.
        now: aware; an expired token is no good.
    Raises:
        Wrong: not a token, expired, or not signed by one of the keys.
    """
    segments = token.split(".")
    if len(segments) != 3:
        raise Wrong(f"idtoken: invalid token, token must have three segments; found {len(segments)}")
    header = _segment(segments[0], "header")
    claims = _segment(segments[1], "claims")
    expires, seconds = claims.get("exp"), int(now.timestamp())
    if not isinstance(expires, int) or seconds > expires:
        raise Wrong(f"idtoken: token expired: now={seconds}, expires={expires or 0}")
    algorithm = header.get("alg")
    if algorithm not in ("RS256", "ES256"):
        raise Wrong(f"idtoken: expected JWT signed with RS256 or ES256 but found {quote(str(algorithm or ''))}")
    pem = keys.get(str(header.get("kid")))
    if pem is None or algorithm != "RS256":
        raise Wrong("idtoken: could not find matching cert keyId for the token provided")
    try:
        signature = read_base64(segments[2], url=True)
    except Wrong as wrong:
        raise Wrong(f"idtoken: unable to decode JWT signature: {wrong}") from None
    public_key(pem).verify(signature, f"{segments[0]}.{segments[1]}".encode())
    return _instance(claims)


def _segment(text: str, name: str) -> dict[str, object]:
    try:
        return read_json(read_base64(text, url=True))
    except Wrong as wrong:
        raise Wrong(f"idtoken: unable to decode JWT {name}: {wrong}") from None


def _instance(claims: Mapping[str, object]) -> str:
    google = claims.get("google")
    engine = google.get("compute_engine") if isinstance(google, dict) else None
    return str(engine.get("instance_id", "")) if isinstance(engine, dict) else ""
