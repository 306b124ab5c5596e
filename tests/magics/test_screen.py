"""Output while it comes: in few pieces, all of it while it is short, and the end of it where it is long."""

from __future__ import annotations

from coder_nb.credentials import Secret
from coder_nb.magics.progress import Progress
from coder_nb.magics.screen import Screen
from coder_nb.remote.shown import Masks


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Told(Progress):
    """Keeps what it is told; "" for having been cleared."""

    def __init__(self) -> None:
        super().__init__("run")
        self.texts: list[str] = []

    def __call__(self, text: str) -> None:
        self.texts.append(text)

    def clear(self) -> None:
        self.texts.append("")


def test_pieces_come_twenty_times_a_second_at_most(capsys: object) -> None:
    """The first at once; what comes in between waits, and is shown when nothing more comes."""
    clock, read = Clock(), capsys.readouterr  # type: ignore[attr-defined]
    with Screen(Masks(), Told(), clock=clock) as screen:
        screen.output("a")
        assert read().out == "a"
        screen.output("b")
        clock.now = 0.04
        screen.output("c")
        screen.wait(0.1)
        assert read().out == ""
        clock.now = 0.06
        screen.wait(0.1)
        assert read().out == "bc"
        screen.output("d\n")
        assert read().out == ""
    assert read().out == "d\n"


def test_a_line_without_an_end_gets_one(capsys: object) -> None:
    """So that the result begins on a line of its own; nothing is added where nothing came."""
    read = capsys.readouterr  # type: ignore[attr-defined]
    with Screen(Masks(), Told()) as screen:
        screen.output("no newline")
    with Screen(Masks(), Told()):
        pass
    assert read().out == "no newline\n"


def test_secrets_are_masked_across_pieces(capsys: object) -> None:
    """What may become one waits; at the end it is shown if it has not."""
    with Screen(Masks((Secret("geheim"),)), Told()) as screen:
        for piece in ("x ge", "heim y ", "geh"):
            screen.output(piece)
    assert capsys.readouterr().out == "x **** y geh\n"  # type: ignore[attr-defined]


def test_of_long_output_the_end_is_shown(capsys: object) -> None:
    """A cell does not drown; how much is left out is said."""
    with Screen(Masks(), Told()) as screen:
        for _ in range(1000):
            screen.output("x" * 999 + "\n")
        screen.output("the end\n")
    out = capsys.readouterr().out  # type: ignore[attr-defined]
    assert len(out) < 510_000
    assert "\n… 496,008 characters that are only in the result …\n" in out
    assert out.endswith("x\nthe end\n")


def test_silence_is_told_once_a_second_and_taken_back(capsys: object) -> None:
    """After ten seconds; output, or the end, clears it."""
    told = Told()
    with Screen(Masks(), told) as screen:
        for seconds in (9.9, 10.0, 10.4, 11.1):
            screen.wait(seconds)
        assert told.texts == ["still running, silent for 10 s", "still running, silent for 11 s"]
        screen.output("x\n")
        screen.output("y\n")
        assert told.texts[2:] == [""]
        screen.wait(12.0)
    assert told.texts[3:] == ["still running, silent for 12 s", ""]
