"""The shapes of usual tokens, as data: what each kind is called, what it looks like, and a text that none lacks.

A uuid is no secret by its shape: ids of agents, workspaces and users are uuids, and so are agents' tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["SHAPES", "Shape", "shaped"]


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of secret.

    Attributes:
        kind: for people.
        pattern: what it looks like; the secret is its last group, or all of it where it has none.
        marks: texts of which each of them has one: what has none is not searched. Empty: all is searched.
    """

    kind: str
    pattern: re.Pattern[str]
    marks: tuple[str, ...] = ()


def _shape(kind: str, pattern: str, *marks: str) -> Shape:
    return Shape(kind, re.compile(rf"(?<![A-Za-z0-9_-]){pattern}(?![A-Za-z0-9_-])"), marks)


def _anywhere(kind: str, pattern: str, *marks: str) -> Shape:
    return Shape(kind, re.compile(pattern), marks)


_SCHEMES: Final = r"(?:Bearer|Basic|Token|token|bearer|basic)"
_HEADERS: Final = (
    r"(?:[Aa]uthorization|AUTHORIZATION|[Cc]oder-[Ss]ession-[Tt]oken|[Pp]rivate-[Tt]oken|PRIVATE-TOKEN|"
    r"[Xx]-[Aa][Pp][Ii]-[Kk]ey|[Xx]-[Aa]uth-[Tt]oken)"
)

SHAPES: Final = (
    _shape(
        "a Coder session token",
        r"(?=[A-Za-z0-9-]*[0-9])(?=[A-Za-z0-9-]*[A-Z])(?=[A-Za-z0-9-]*[a-z])[A-Za-z0-9]{10}-[A-Za-z0-9]{22}",
        "-",
    ),
    _shape("a Coder workspace proxy's token", r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9a-f]{64}", ":"),
    _anywhere(
        "a token in CODER_AGENT_TOKEN or CODER_SESSION_TOKEN",
        r"CODER_(?:AGENT|SESSION)_TOKEN(?:\\?[\"'])?\s*[=:]\s*(?:\\?[\"'])?([A-Za-z0-9-]{16,})",
        "_TOKEN",
    ),
    _shape("a GitHub token", r"(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})", "gh", "github_pat_"),
    _shape("a GitLab token", r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent)-[A-Za-z0-9_-]{20,}", "gl"),
    _shape("an AWS access key", r"(?:AKIA|ASIA)[A-Z2-7]{16}", "AKIA", "ASIA"),
    _shape("a Google API key", r"AIza[A-Za-z0-9_-]{35}", "AIza"),
    _shape("a Google OAuth token", r"(?:ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,})", "ya29.", "GOCSPX-"),
    _shape("a Slack token", r"xox[abeoprs]-[A-Za-z0-9-]{10,}", "xox"),
    _anywhere("a Slack webhook", r"hooks\.slack\.com/services/(T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{16,})", "slack"),
    _shape("an Anthropic key", r"sk-ant-[A-Za-z0-9_-]{20,}", "sk-ant-"),
    _shape("an OpenAI key", r"sk-(?!ant-)(?:proj-|svcacct-|admin-)?(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{32,}", "sk-"),
    _shape("a Stripe key", r"[rs]k_live_[A-Za-z0-9]{20,}", "k_live_"),
    _shape("a Hugging Face token", r"hf_[A-Za-z0-9]{34,}", "hf_"),
    _shape("an npm token", r"npm_[A-Za-z0-9]{36}", "npm_"),
    _shape("a PyPI token", r"pypi-AgE[A-Za-z0-9_-]{50,}", "pypi-AgE"),
    _shape("a Docker token", r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}", "dckr_"),
    _shape("a DigitalOcean token", r"do[opr]_v1_[0-9a-f]{64}", "_v1_"),
    _shape("a SendGrid key", r"SG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{40,}", "SG."),
    _shape("a JSON web token", r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}", "eyJ"),
    _anywhere(
        "a private key",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
        # To its end; of one that is cut off, the lines there are.
        r"(?:[\s\S]{20,16384}?-----END [A-Z0-9 ]+-----|(?:(?:\\[nr]|\s)*[A-Za-z0-9+/=]{16,})+)",
        "PRIVATE KEY",
    ),
    _anywhere(
        "an Authorization header",
        rf"{_HEADERS}\\?[\"']?\s*[:=]\s*\\?[\"']?(?:{_SCHEMES}\s+)?((?=[^\s\"']*[0-9])[A-Za-z0-9+/_.~-]{{16,}}=*)",
        "uthorization", "UTHORIZATION", "oken", "OKEN", "pi-", "PI-",
    ),
    _anywhere(
        "an address with a password",
        r"[a-z][a-z0-9+.-]*://[^\s/@:\"'<>{}$]*:"
        r"((?!(?i:\*+|x+|pass|passwd|password|secret|token|pw|pwd)@)[^\s/@\"'<>{}$]{3,})@[A-Za-z0-9.-]+",
        "://",
    ),
)  # fmt: skip


def shaped(text: str) -> Iterator[tuple[int, int, str]]:
    """Where there is something of such a shape: begin, end, kind."""
    for shape in SHAPES:
        if shape.marks and not any(mark in text for mark in shape.marks):
            continue
        for match in shape.pattern.finditer(text):
            yield (*match.span(shape.pattern.groups), shape.kind)


def starred(text: str) -> str:
    """A text with `****` in the place of each."""
    for begin, end, _ in sorted(shaped(text), reverse=True):
        text = f"{text[:begin]}****{text[end:]}"
    return text
