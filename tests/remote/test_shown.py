"""Output as people may see it, in whatever pieces it comes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coder_nb.credentials import Secret
from coder_nb.remote.shown import Live, Masks

WORDS = st.sampled_from(
    ["CODER_AGENT_TOKEN=", "CODER_SESSION_TOKEN='", "CODER_", "sekret", "sek", "retsekret", "a", "CA", " ",
     "\n", "'", "é",
     "\x1b[31m", "\x1b[0m", "\x1b[2J", "\x1b]0;title\x07", "\x07", "\r"]
)  # fmt: skip


@given(words=st.lists(WORDS, max_size=12), cuts=st.lists(st.integers(0, 200)))
def test_pieces_show_what_the_whole_shows(words: list[str], cuts: list[int]) -> None:
    """Wherever it is cut; and never a secret."""
    masks = Masks((Secret("sekret"), Secret("CODA")))
    text = "".join(words)
    whole = Live(masks)
    expected = whole.feed(text) + whole.rest()
    places = sorted({cut % (len(text) + 1) for cut in cuts})
    live = Live(masks)
    shown = "".join(live.feed(text[a:b]) for a, b in zip([0, *places], [*places, len(text)], strict=True)) + live.rest()
    assert shown == expected
    assert "sekret" not in shown


def test_what_cannot_become_a_secret_is_shown_at_once() -> None:
    """Output is live."""
    live = Live(Masks((Secret("sekret"),)))
    assert live.feed("hello ") == "hello "
    assert live.feed("10%\r") == "10%\r"
    assert live.feed("se") == ""
    assert live.feed("e") == "see"
    assert live.feed("\x1b[3") == ""
    assert live.feed("1mred") == "\x1b[31mred"


def test_tokens_of_the_workspace_are_masked() -> None:
    """Whatever prints the environment there, to the end of the word."""
    said = "export CODER_AGENT_TOKEN='1234-5678'\nCODER_SESSION_TOKEN=abc-def\nCODER_URL=https://x\n"
    assert Masks()(said) == "export CODER_AGENT_TOKEN='****'\nCODER_SESSION_TOKEN=****\nCODER_URL=https://x\n"
    live = Live(Masks())
    assert live.feed("CODER_AGENT_TOKEN=1234") == ""
    assert live.feed("5678\nX") == "CODER_AGENT_TOKEN=****\nX"


def test_only_colours_reach_the_screen() -> None:
    """What moves, names or asks is dropped; other control characters are made visible."""
    live = Live(Masks())
    assert live.feed("\x1b[1;32mok\x1b[0m\x1b[2J\x1b[5;5H\x1b]0;title\x07\x1b[6n\x00\x9b1m\tx") == (
        "\x1b[1;32mok\x1b[0m␀�1m\tx"
    )
