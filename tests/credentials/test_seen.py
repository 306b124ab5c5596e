"""Every secret value this process has seen is masked, however it is written; everyday words are not."""

from __future__ import annotations

import base64
import html
import json
import re
import threading
import time
import uuid
from itertools import pairwise
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.credentials import Hidden, Secret
from coder_nb.credentials.seen import Flow, mask, mask_all


def fresh() -> str:
    """A token nobody has seen yet."""
    return f"tk-{uuid.uuid4().hex}"


def test_a_secret_is_masked_from_the_moment_it_is_made() -> None:
    """Before, nobody can know it; the same text comes back."""
    token = fresh()
    text = f"before {token} after {token}"
    assert mask(text) is text
    Secret(token)
    assert mask(text) == "before **** after ****"


@pytest.mark.parametrize("value", ["", "a", "true", "hunter2", "password", "12345678", "aaaaaaaaaaaaaaaa",
                                   "00000000-0000-0000-0000-000000000000", "https://proxy.example.com:3128",
                                   "x-access-token"])  # fmt: skip
def test_what_is_short_or_everyday_blanks_out_nothing(value: str) -> None:
    """A Secret of it is as hidden as any, and its own mask() covers it; other texts stay readable."""
    secret = Secret(value)
    text = f"it says {value} here"
    assert mask(text) == text
    assert secret.mask(text) == (text.replace(value, "****") if value else text)


def test_what_is_only_hidden_blanks_out_nothing() -> None:
    """A script may hold a secret, and its text may stand in a log."""
    script = f"echo {uuid.uuid4()} | sh"
    assert repr(Hidden(script)) == "Secret(****)"
    assert mask(script) == script


@pytest.mark.parametrize(
    "written",
    [
        lambda value: quote(value, safe=""),
        quote_plus,
        lambda value: re.sub("%..", lambda part: part[0].lower(), quote(value, safe="")),
        html.escape,
        lambda value: json.dumps(value)[1:-1],
        lambda value: json.dumps({"a": [value]}),
        lambda value: json.dumps(value)[1:-1].replace("<", "\\u003c").replace("&", "\\u0026"),
        lambda value: base64.b64encode(value.encode()).decode(),
        lambda value: base64.b64encode(f"me:{value}".encode()).decode(),
        lambda value: base64.urlsafe_b64encode(f"ada:{value} and more".encode()).decode(),
        lambda value: f"Basic {base64.b64encode(f'a:{value}'.encode()).decode()}",
    ],
)
@pytest.mark.parametrize("value", ['pä/ss"w<o&rd ~12', "0123456789-abcdefghijklmnopqrstuv"])
def test_every_spelling_is_masked(written: object, value: str) -> None:
    """In a URL, in HTML, in JSON, in base64 with whatever stands before it."""
    assert callable(written)
    value += uuid.uuid4().hex[:6]
    Secret(value)
    text = str(written(value))
    masked = mask(f"<{text}>")
    assert "****" in masked
    assert len(masked.replace("****", "")) <= len(text) - len(value) + 6


def test_upper_case_does_not_hide_an_agents_token() -> None:
    """Servers and programs spell a uuid either way."""
    token = str(uuid.uuid4())
    Secret(token.upper())
    assert mask(f"token {token}") == "token ****"


@pytest.mark.parametrize("width", [5, 11, 20, 38])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_value_that_lines_break_is_masked_on_each(width: int, end: str) -> None:
    """As `fold` and `base64` do it: the lines stay, a blank one parts what does not belong together."""
    token = fresh() + fresh()
    Secret(token)
    pieces = [token[at : at + width] for at in range(0, len(token), width)]
    assert mask(f"a{end}b " + end.join(pieces) + f" c{end}d") == f"a{end}b " + end.join("****" for _ in pieces) + (
        f" c{end}d"
    )
    apart = f"{token[:width]}\n\n{token[width:]}"
    assert mask(apart) == apart


def test_lines_of_a_key_are_masked_one_by_one() -> None:
    """A log shows them so."""
    lines = [base64.b64encode(uuid.uuid4().bytes * 3).decode() for _ in range(4)]
    Secret("-----BEGIN OPENSSH PRIVATE KEY-----\n" + "\n".join(lines) + "\n-----END OPENSSH PRIVATE KEY-----\n")
    assert mask_all(lines) == ["****"] * 4
    assert mask("-----BEGIN OPENSSH PRIVATE KEY-----") == "-----BEGIN OPENSSH PRIVATE KEY-----"


def test_the_password_of_an_address_is_masked_alone() -> None:
    """HTTPS_PROXY is such an address."""
    password = fresh()
    Secret(f"http://me:{password}@proxy:3128")
    assert mask(f"the password is {password}") == "the password is ****"


def test_secrets_within_secrets_are_masked_as_one() -> None:
    """And those that overlap."""
    token = fresh()
    Secret(token)
    Secret(token[4:20])
    Secret(f"{token[20:]}-tail-of-it")
    assert mask(f"[{token}-tail-of-it]") == "[****]"


def test_the_environments_tokens_need_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may have connected yet; and what `env` prints there is masked whatever it is."""
    token, agent = f"{uuid.uuid4().hex[:10]}-{uuid.uuid4().hex[:22]}", str(uuid.uuid4())
    monkeypatch.setenv("CODER_SESSION_TOKEN", token)
    monkeypatch.setenv("CODER_AGENT_TOKEN", agent)
    assert mask(f"{token} {agent}") == "**** ****"
    assert mask("CODER_AGENT_TOKEN=abc\nX=1") == "CODER_AGENT_TOKEN=****\nX=1"


def test_threads_may_see_secrets_while_others_mask() -> None:
    """Each is masked once its Secret is made, whatever the others do."""
    wrong: list[str] = []

    def work() -> None:
        for _ in range(30):
            token = fresh()
            Secret(token)
            if token in mask(f"x {token} y"):
                wrong.append(token)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_large_text_costs_no_more_than_reading_it() -> None:
    """Five megabytes with dozens of secrets take a fraction of a second, not one for each secret."""
    for _ in range(20):
        Secret(fresh())
    text = "".join(f"{number} of many steps, which all went well\n" for number in range(120_000))
    mask("")
    began = time.perf_counter()
    assert mask(text) is text
    assert time.perf_counter() - began < 2


VALUES = ["sekret", "retsekretary", "0123456789abcdefghij", "abcdefghij0123456789", "CODA"]
WORDS = st.sampled_from([*VALUES, "sek", "ret", "0123456789", "abcdefghij", "\n", "\r\n", "\r", " ", "a", "C",
                         "CODER_AGENT_TOKEN=", "CODER_", "\x1b[1m"])  # fmt: skip


@given(words=st.lists(WORDS, max_size=14), cuts=st.lists(st.integers(0, 300), max_size=6))
def test_pieces_cut_anywhere_are_masked_like_the_whole(words: list[str], cuts: list[int]) -> None:
    """But for the first three characters of a secret that a cut parted from the rest."""
    text = "".join(words)
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    flow = Flow(VALUES)
    shown = "".join([flow.feed(text[begin:end]) for begin, end in pairwise(places)]) + flow.rest()
    rest = iter(shown)
    assert all(char in rest for char in mask(text, also=VALUES)), shown
    assert len(shown) <= len(mask(text, also=VALUES)) + 4 * len(cuts)
    # An empty line parts what does not belong together.
    read = re.sub(r"\r?\n|\x1b\[1m", "", re.sub(r"\n(\x1b\[1m)*\r?\n", "\n \n", shown))
    assert not any(value[3:] in read for value in VALUES if len(value) >= 8)
    assert "sekret" not in shown
    assert "CODA" not in shown


@given(words=st.lists(WORDS, max_size=14))
def test_one_piece_is_the_whole(words: list[str]) -> None:
    """Nothing is lost or shown twice at the end."""
    flow = Flow(VALUES)
    text = "".join(words)
    assert flow.feed(text) + flow.rest() == mask(text, also=VALUES)


def test_next_to_nothing_is_held_back() -> None:
    """A character that may begin a secret is shown at once; four of them wait, and what follows is masked anyhow."""
    token = fresh() + fresh()
    Secret(token)
    flow = Flow()
    assert flow.feed(f"ends in {token[:3]}\n") == f"ends in {token[:3]}\n"
    assert flow.feed("and on\n") == "and on\n"
    assert flow.feed(f"ends in {token[:5]}") == "ends in "
    assert flow.feed("?") == f"{token[:5]}?"
    assert flow.feed(f"x {token[:2]}") == f"x {token[:2]}"
    assert flow.feed(f"{token[2:]} y") == "**** y"


def test_colours_within_hide_nothing() -> None:
    """grep colours what it finds."""
    token = fresh()
    Secret(token)
    assert mask(f"{token[:9]}\x1b[01;31m\x1b[K{token[9:12]}\x1b[m\x1b[K{token[12:]}.") == (
        "****\x1b[01;31m\x1b[K****\x1b[m\x1b[K****."
    )


@given(words=st.lists(WORDS | st.just("\x1b["), max_size=14))
def test_no_value_is_left_whole(words: list[str]) -> None:
    """Neither as it is nor with the line breaks taken out; masking twice is masking once."""
    masked = mask("".join(words), also=VALUES)
    assert not any(value in masked for value in VALUES)
    assert mask(masked, also=VALUES) == masked
