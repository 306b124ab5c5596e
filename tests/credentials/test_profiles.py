"""Profiles are kept for their owner alone, replaced in one step, and never lost to a file that is not understood."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from coder_nb.credentials import Credentials, Secret, profiles, save_profile
from coder_nb.credentials.profiles import read_profiles
from coder_nb.errors import ConfigurationError
from tests.credentials.conftest import OTHER_SESSION, SESSION, MemoryKeyring

WORK = Credentials("https://coder.example.com", Secret(SESSION), "a test", ca="/ca.pem")
PLAY = Credentials("https://play.example.com", Secret(OTHER_SESSION), "a test", insecure=True)


@pytest.fixture
def path(home: Path) -> Path:
    """Where the profiles are."""
    return home / "config" / "coder-nb" / "profiles.json"


def test_there_are_none_at_first() -> None:
    """No file is no profile, not an error."""
    assert profiles() == []


def test_what_was_saved_comes_back(path: Path) -> None:
    """Address, token, CA and the choice not to check all return; the latest comes first."""
    save_profile("work", WORK)
    said = save_profile("play", PLAY)
    assert said == f"profile play with its token in {path}, which only you can read"
    assert profiles() == ["play", "work"]
    play, work = read_profiles()
    assert (play.url, play.token(), play.ca, play.insecure) == (PLAY.url, PLAY.token, None, True)
    assert (work.url, work.token(), work.ca, work.insecure) == (WORK.url, WORK.token, "/ca.pem", False)


def test_saving_again_replaces_the_profile() -> None:
    """A name stands for one deployment."""
    save_profile("work", WORK)
    save_profile("work", PLAY)
    assert [(profile.name, profile.url) for profile in read_profiles()] == [("work", PLAY.url)]


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_only_the_owner_can_read_the_file(path: Path) -> None:
    """The file is 0600 and its folder 0700, whatever the umask; a wider file is narrowed when it is read."""
    before = os.umask(0)
    try:
        save_profile("work", WORK)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o644)
    assert profiles() == ["work"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_draft_is_left_behind(path: Path) -> None:
    """The folder holds the file and nothing else."""
    save_profile("work", WORK)
    assert [entry.name for entry in path.parent.iterdir()] == ["profiles.json"]


def test_a_failed_write_leaves_the_old_file(path: Path) -> None:
    """Where the new file cannot take its place, an error names it and the old one stands."""
    save_profile("work", WORK)
    kept = path.read_bytes()
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigurationError, match=r"cannot be read: .*profiles\.json"):
        save_profile("play", PLAY)
    path.rmdir()
    path.write_bytes(kept)
    assert profiles() == ["work"]


def test_a_link_to_the_file_stays_a_link(path: Path, home: Path) -> None:
    """A file kept elsewhere, as with dotfiles, is written there."""
    real = home / "dotfiles.json"
    path.parent.mkdir(parents=True)
    path.symlink_to(real)
    save_profile("work", WORK)
    assert path.is_symlink()
    assert "work" in json.loads(real.read_text())["profiles"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"profiles": []}',
        '{"profiles": {"a": {}}}',
        '{"profiles": {"a": {"url": "https://a", "token": 1}}}',
    ],
)
def test_a_file_that_is_not_understood_is_named_and_kept(path: Path, text: str) -> None:
    """Reading and saving both refuse, and the file is what it was."""
    path.parent.mkdir(parents=True)
    path.write_text(text)
    for action in (profiles, lambda: save_profile("work", WORK)):
        with pytest.raises(ConfigurationError, match=r"cannot be understood: .*profiles\.json"):
            action()
    assert path.read_text() == text


def test_a_broken_file_does_not_show_its_tokens(path: Path) -> None:
    """The error about broken JSON does not quote it."""
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"profiles": {"a": {"url": "https://a.example", "token": SESSION}}})[:-1])
    with pytest.raises(ConfigurationError) as raised:
        profiles()
    assert SESSION not in str(raised.value)
    assert raised.value.__context__ is None or raised.value.__suppress_context__


def test_a_wrong_address_in_the_file_is_named(path: Path) -> None:
    """The error says which profile and which file."""
    path.parent.mkdir(parents=True)
    path.write_text('{"profiles": {"work": {"url": "ftp://x"}}}')
    with pytest.raises(ConfigurationError, match=r"the profile work in .*profiles\.json is wrong"):
        profiles()


@pytest.mark.parametrize("name", ["", "demo", "a/b", "../x", "https://a", "a b", "-a", "x" * 101])
def test_names_that_mean_something_else_are_refused(name: str) -> None:
    """A profile's name cannot be an address's, a path or the demo's."""
    with pytest.raises(ConfigurationError, match="not a name for a profile"):
        save_profile(name, WORK)


def test_without_a_token_there_is_nothing_to_save() -> None:
    """A profile is a pair."""
    with pytest.raises(ConfigurationError, match="nothing to save"):
        save_profile("work", Credentials("https://a.example", None, "a test"))


def test_the_keyring_holds_the_token_where_it_works(path: Path, memory_keyring: MemoryKeyring) -> None:
    """The file then has no token in it, and says so."""
    said = save_profile("work", WORK)
    assert said == f"profile work in {path}, its token in the system's keyring"
    assert SESSION not in path.read_text()
    assert memory_keyring.kept == {("coder-nb", f"work {WORK.url}"): SESSION}
    assert read_profiles()[0].token() == WORK.token


def test_a_keyring_that_forgets_is_not_trusted(path: Path, memory_keyring: MemoryKeyring) -> None:
    """What cannot be read back goes to the file."""
    memory_keyring.set_password = lambda *given: None  # type: ignore[method-assign]
    assert "which only you can read" in save_profile("work", WORK)
    assert read_profiles()[0].token() == WORK.token


def test_a_keyring_without_the_token_is_explained(memory_keyring: MemoryKeyring) -> None:
    """The profiles can still be listed; the token's absence is an error with the way back in."""
    save_profile("work", WORK)
    memory_keyring.kept.clear()
    assert profiles() == ["work"]
    with pytest.raises(ConfigurationError, match="does not give it") as raised:
        read_profiles()[0].token()
    assert "%coder connect https://coder.example.com --save" in raised.value.hint
