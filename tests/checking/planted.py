"""Secrets that tests plant, made of parts so that no scanner takes this file for one that holds any."""

from __future__ import annotations

from typing import Any

__all__ = ["SHAPED", "notebook"]

_BODY = "Ab3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5hJ7kL9"
_LOW = "ab3de5f7".ljust(64, "0123456789abcdef"[3])

SHAPED: dict[str, str] = {
    "a Coder session token": f"{_BODY[:10]}-{_BODY[10:32]}",
    "a Coder workspace proxy's token": f"0d6b4a52-1c5e-4a51-9f0e-2f6f1e1a7b3c:{'0a1b2c3d' * 8}",
    "a GitHub token": f"gh{'p'}_{_BODY[:36]}",
    "a GitLab token": f"gl{'pat'}-{_BODY[:20]}",
    "an AWS access key": f"AK{'IA'}ABCDEFGH234567XY",
    "a Google API key": f"AI{'za'}{_BODY[:35]}",
    "a Google OAuth token": f"ya{'29'}.{_BODY[:30]}",
    "a Slack token": f"xo{'xb'}-123456789012-{_BODY[:24]}",
    "an Anthropic key": f"sk-{'ant'}-api03-{_BODY}",
    "an OpenAI key": f"sk-{'proj'}-{_BODY}",
    "a Stripe key": f"sk_{'live'}_{_BODY[:24]}",
    "a Hugging Face token": f"hf{'_'}{_BODY[:34]}",
    "an npm token": f"np{'m_'}{_BODY[:36]}",
    "a PyPI token": f"pypi-{'AgE'}IcHlwaS5vcmc{_BODY}{_BODY}",
    "a Docker token": f"dckr_{'pat'}_{_BODY[:27]}",
    "a DigitalOcean token": f"dop{'_v1_'}{_LOW}",
    "a SendGrid key": f"SG{'.'}{_BODY[:22]}.{_BODY[:42]}_",
    "a JSON web token": f"ey{'J'}hbGciOiJIUzI1NiJ9.ey{'J'}zdWIiOiIxMjM0In0.{_BODY}",
    "a private key": f"-----BEGIN OPENSSH {'PRIVATE'} KEY-----\n{_BODY}\n{_BODY}\n-----END OPENSSH PRIVATE KEY-----",
}


def notebook(source: str = "", **places: Any) -> dict[str, Any]:
    """A notebook with one code cell."""
    cell = {
        "cell_type": "code",
        "execution_count": 1,
        "id": "a",
        "metadata": places.get("cell_metadata", {}),
        "outputs": places.get("outputs", []),
        "source": source.splitlines(keepends=True),
    }
    markdown = {"cell_type": "markdown", "id": "b", "metadata": {}, "source": "text",
                "attachments": places.get("attachments", {})}  # fmt: skip
    return {"cells": [cell, markdown], "metadata": places.get("metadata", {}), "nbformat": 4, "nbformat_minor": 5}
