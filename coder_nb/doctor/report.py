"""What the doctor found, as a text table and as JSON. Plain data; asks nobody."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from coder_nb import look

__all__ = ["Finding", "Report", "Result"]

Result = Literal["works", "missing", "refused", "fails", "skipped"]
"""missing: this server has no such endpoint; refused: it will not do it for us; fails: anything else went wrong."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One endpoint that was asked. `rows` are its numbers in the endpoint table, "" for a supporting one."""

    rows: str
    endpoint: str
    result: Result
    ms: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found.

    Attributes:
        facts: label and text, such as the server's version and where the token came from.
        findings: an endpoint each, in the order in which they were asked.
    """

    facts: Sequence[tuple[str, str]]
    findings: Sequence[Finding]

    @property
    def healthy(self) -> bool:
        """Whether nothing failed. Missing and refused endpoints are how a deployment may be."""
        return all(finding.result != "fails" for finding in self.findings)

    def to_json(self) -> str:
        """The same as JSON, for programs."""
        findings = [asdict(finding) for finding in self.findings]
        return json.dumps({"facts": dict(self.facts), "findings": findings, "healthy": self.healthy}, indent=2)

    def __str__(self) -> str:
        wide = max((len(label) for label, _ in self.facts), default=0)
        head = [f"{label:<{wide}}  {text}" for label, text in self.facts]
        names = max((len(finding.endpoint) for finding in self.findings), default=0)
        rows = [
            f"{one.rows:>5}  {one.endpoint:<{names}}  {one.result:<7}  {_ms(one.ms):>8}  {one.detail}"
            for one in self.findings
        ]
        title = f"{'#':>5}  {'endpoint':<{names}}  {'result':<7}  {'ms':>8}"
        return "\n".join(look.visible(line).rstrip() for line in [*head, "", title, *rows, "", self._verdict()])

    def _verdict(self) -> str:
        words = {"works": "work", "missing": "missing", "refused": "refused", "fails": "failed", "skipped": "skipped"}
        count = {word: sum(finding.result == name for finding in self.findings) for name, word in words.items()}
        said = ", ".join(f"{number} {word}" for word, number in count.items() if number)
        return f"{said}." if self.healthy else f"{said}: something is wrong; see the rows that say fails."


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
