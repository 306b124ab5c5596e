"""Each source gives a deployment with its own token, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from coder_nb.credentials import Secret
from coder_nb.credentials.sources import Environment, cli_folder, from_cli, from_environment
from coder_nb.errors import ConfigurationError
from tests.credentials.conftest import SESSION


def signed_in(folder: Path, url: str = "https://coder.example.com", session: str | None = SESSION) -> Path:
    """A folder as `coder login` leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "url").write_text(url)
    if session is not None:
        (folder / "session").write_text(session)
    return folder


def test_an_environment_does_not_show_its_values() -> None:
    """Its repr is no list of variables, as os.environ's is."""
    assert SESSION not in repr(Environment({"CODER_SESSION_TOKEN": SESSION}))


def test_the_first_name_that_is_set_counts() -> None:
    """Blank is not set, and blanks around a value are no part of it."""
    environment = Environment({"A": "  ", "B": " b\n"})
    assert environment.get("A", "B") == "b"
    assert environment.get("A", "C") == ""


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {"HOME": "/home/ada"}, "/home/ada/.config/coderv2"),
        ("linux", {"HOME": "/home/ada", "XDG_CONFIG_HOME": "/x"}, "/x/coderv2"),
        ("darwin", {"HOME": "/Users/ada"}, "/Users/ada/Library/Application Support/coderv2"),
        ("win32", {"HOME": "/u", "APPDATA": "/roaming"}, "/roaming/coderv2"),
        ("win32", {"HOME": "/u"}, "/u/AppData/Roaming/coderv2"),
        ("linux", {"HOME": "/home/ada", "CODER_CONFIG_DIR": "/c"}, "/c"),
    ],
)
def test_the_clis_folder_is_where_the_cli_has_it(platform: str, variables: dict[str, str], folder: str) -> None:
    """Each system has its own place, and CODER_CONFIG_DIR goes before all."""
    assert cli_folder(Environment(variables), platform) == Path(folder)


def test_the_clis_session_is_a_pair(home: Path) -> None:
    """Both files are read, without the blanks around what they hold."""
    signed_in(home / "c", "https://Coder.example.com/\n", f"{SESSION}\n")
    pair = from_cli(Environment({"CODER_CONFIG_DIR": str(home / "c")}))
    assert pair is not None
    assert (pair.url, pair.token()) == ("https://coder.example.com", Secret(SESSION))
    assert pair.source == f"the Coder CLI's session in {home / 'c'}"


def test_a_cli_that_keeps_its_token_elsewhere_names_only_the_deployment(home: Path) -> None:
    """Newer CLIs write no session file on macOS and Windows."""
    signed_in(home / "c", session=None)
    pair = from_cli(Environment({"CODER_CONFIG_DIR": str(home / "c")}))
    assert pair is not None
    assert pair.token() is None


def test_a_cli_that_is_not_signed_in_gives_nothing(home: Path) -> None:
    """No file, no pair; nor where the folder is a file."""
    assert from_cli(Environment({"CODER_CONFIG_DIR": str(home / "none")})) is None
    (home / "file").write_text("")
    assert from_cli(Environment({"CODER_CONFIG_DIR": str(home / "file")})) is None


def test_a_session_file_that_cannot_be_read_is_named(home: Path) -> None:
    """A folder or junk in its place is an error with the file's name, not a missing session."""
    folder = signed_in(home / "c", session=None)
    (folder / "session").mkdir()
    pair = from_cli(Environment({"CODER_CONFIG_DIR": str(folder)}))
    assert pair is not None
    with pytest.raises(ConfigurationError, match=r"cannot be read: .*session"):
        pair.token()
    (folder / "url").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"cannot be read: .*url: not text"):
        from_cli(Environment({"CODER_CONFIG_DIR": str(folder)}))


def test_a_wrong_address_is_named_with_where_it_stands(home: Path) -> None:
    """CODER_URL and the CLI's file are each blamed by name."""
    with pytest.raises(ConfigurationError, match="CODER_URL is wrong"):
        from_environment(Environment({"CODER_URL": "ftp://x"}))
    signed_in(home / "c", "ftp://x")
    with pytest.raises(ConfigurationError, match=r"c/url is wrong"):
        from_cli(Environment({"CODER_CONFIG_DIR": str(home / "c")}))
