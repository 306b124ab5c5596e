"""Which deployment, and which token: a pair, found in one place and never mixed with another. Saved profiles.

A token is only ever given out with the deployment (scheme, host, port) it came with.
"""

from __future__ import annotations

from coder_nb.credentials.profiles import profiles, save_profile
from coder_nb.credentials.resolve import Credentials, resolve
from coder_nb.credentials.secret import Hidden, Secret, TokenKind, token_kind
from coder_nb.credentials.spellings import names_secret
from coder_nb.credentials.urls import normalise_url, same_deployment

__all__ = [
    "Credentials",
    "Hidden",
    "Secret",
    "TokenKind",
    "names_secret",
    "normalise_url",
    "profiles",
    "resolve",
    "same_deployment",
    "save_profile",
    "token_kind",
]
