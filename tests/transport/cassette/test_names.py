"""Random names are numbered by kind in a cassette, and found again whichever names a replay makes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coder_nb.remote import identity
from coder_nb.transport.cassette.names import Names, fill, numbered, without_numbers

MAKE = {"nonce": identity.nonce, "session": identity.session, "short": identity.short}


def made(*kinds: str) -> tuple[Names, list[str]]:
    """Names of these kinds, fresh ones."""
    names, values = Names(), []
    for kind in kinds:
        values.append(MAKE[kind]())
        names.add(kind, values[-1])
    return names, values


def test_names_are_numbered_as_they_first_appear() -> None:
    """Each kind for itself; the same name has the same number."""
    names, (nonce, session, other) = made("nonce", "session", "nonce")
    text = f"R{other}:{session} {nonce}{other}"
    assert names.number(text) == "R⟨nonce 1⟩:⟨session 1⟩ ⟨nonce 2⟩⟨nonce 1⟩"


def test_what_looks_like_a_name_and_is_none_stays() -> None:
    """An agent's uuid, a checksum, a word of ten letters."""
    names, _ = made("nonce", "session", "short")
    text = "4fa808b2-295d-4d28-ba82-27578190b73c d41d8cd98f00b204e9800998ecf8427e notarandom 0123456789ab"
    assert names.number(text) == text == names.strip(text)
    assert names.within(text) == []


@given(
    st.lists(st.sampled_from(sorted(MAKE)), min_size=1, max_size=5),
    st.lists(st.text("R:\n é'", min_size=1, max_size=3)),
)
def test_a_numbered_text_comes_back_with_other_names(kinds: list[str], between: list[str]) -> None:
    """What was said with the names of a recording is what is said with those of a replay."""
    (then, before), (now, after) = made(*kinds), made(*kinds)
    glue = [*between, *[","] * len(kinds)]
    recorded = then.number("".join(f"{name}{glue[at]}" for at, name in enumerate(before)))
    replayed = "".join(f"{name}{glue[at]}" for at, name in enumerate(after))
    assert without_numbers(recorded) == now.strip(replayed)
    bound = dict(zip(numbered(recorded), now.within(replayed), strict=True))
    assert fill(recorded, bound) == replayed
