"""What became of a command: its exit code, its output, and how that looks. Knows nothing of how it was run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import AnyStr, Final, Generic, cast

from coder_nb import look
from coder_nb.remote import ansi
from coder_nb.remote.shown import Masks

__all__ = ["RunResult"]

_LINES: Final = 1000
"""Lines of output that are shown at most, the last ones."""
_CHARACTERS: Final = 100_000
"""Characters of output that are shown at most."""
_FOLDED: Final = 30
"""Lines from which on the output of a command that went well is folded."""
_PRE: Final = (
    "margin:4px 0;padding:6px 10px;max-height:32em;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;"
    "border-left:3px solid rgba(127,127,127,.35);background:rgba(127,127,127,.06)"
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class RunResult(Generic[AnyStr]):
    """The outcome of a command in a workspace.

    Attributes:
        code: the exit code, 128 and the signal's number after a signal; None where there is none: the shell around it
            was killed, or had to be.
        seconds: from the moment it was sent to its end, as seen from here.
        started_at: when it was sent, by this machine's clock.
        truncated: bytes of output that were not kept; 0 where all of it is here.
        where: the agent it ran at.
        timed_out: its time was up, and it was ended.
        interrupted: Ctrl-C was passed on to it.
        streamed: its output was shown while it came.
    """

    code: int | None
    seconds: float
    started_at: datetime
    truncated: int = 0
    where: str = ""
    timed_out: bool = False
    interrupted: bool = False
    streamed: bool = False
    raw_stdout: bytes = b""
    raw_stderr: bytes = b""
    as_text: bool = True
    masks: Masks = field(default_factory=Masks)

    @property
    def ok(self) -> bool:
        """Whether it ended by itself with the exit code 0."""
        return self.code == 0 and not self.timed_out

    @cached_property
    def stdout(self) -> AnyStr:
        """Standard output, and standard error within it unless that was kept apart."""
        return self._as_asked(self.raw_stdout)

    @cached_property
    def stderr(self) -> AnyStr:
        """Standard error where it was kept apart, else nothing."""
        return self._as_asked(self.raw_stderr)

    @cached_property
    def output(self) -> AnyStr:
        """All it wrote; standard error last where it was kept apart."""
        return self._as_asked(self.raw_stdout + self.raw_stderr) if self.raw_stderr else self.stdout

    @property
    def summary(self) -> str:
        """How it ended, in words that are the same in each run that goes the same way."""
        how = "timed out" if self.timed_out else "interrupted" if self.interrupted and self.code != 0 else ""
        code = "no exit code" if self.code is None else f"exit code {self.code}"
        cut = "not all of its output was kept" if self.truncated else ""
        said = ", ".join(part for part in (how, code, cut) if part)
        return f"{self.where}: {said}" if self.where else said

    def __repr__(self) -> str:
        if self.streamed:
            return self.summary
        shown, left_out = self._shown()
        text = look.visible(ansi.plain(shown), keep="\n\t").rstrip("\n")
        above = f"… {left_out:,} lines before these\n" if left_out else ""
        return f"{above}{text}\n[{self.summary}]" if text else f"[{self.summary}]"

    def _repr_html_(self) -> str:
        tone = "ok" if self.ok else "failed"
        mark = f'<span style="{look.ink(tone)}">●&nbsp;{look.safe(self.summary)}</span>'
        if self.streamed:
            return f"<div>{mark}</div>"
        shown, left_out = self._shown()
        shown = shown.rstrip("\n")
        if not shown:
            return f"<div>{mark} {look.dim('no output')}</div>"
        count = left_out + shown.count("\n") + 1
        lines = look.dim(f"{count:,} line{'' if count == 1 else 's'}" + (f", the last {_LINES:,}" if left_out else ""))
        open_ = "" if self.ok and count > _FOLDED else " open"
        body = f'<pre style="{_PRE}">{ansi.html(shown)}</pre>'
        return f'<details{open_}><summary style="cursor:pointer">{mark} {lines}</summary>{body}</details>'

    def _shown(self) -> tuple[str, int]:
        """The output that is shown, masked, and the number of lines before it."""
        whole = self.raw_stdout + self.raw_stderr
        # Masked before it is cut, so that no secret is cut in two.
        text = self.masks(whole[-4 * _CHARACTERS :].decode("utf-8", "replace"))[-_CHARACTERS:]
        parts = ansi.lines(text).split("\n")[-_LINES - (text[-1:] == "\n") :]
        shown = "\n".join(parts)
        return shown, whole.count(b"\n") - shown.count("\n")

    def _as_asked(self, data: bytes) -> AnyStr:
        return cast(AnyStr, data.decode("utf-8", "replace") if self.as_text else data)
