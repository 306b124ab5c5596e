"""Files over a line to real shells: whole and as they were, or not there at all, whatever happens on the way."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coder_nb.errors import (
    AgentUnavailable,
    CoderError,
    Conflict,
    ConnectionLost,
    Invalid,
    NotFound,
    PermissionDenied,
    TooLarge,
    TransportError,
)
from coder_nb.remote.files import PROGRAM, Files
from coder_nb.remote.line import Line
from tests.remote.local import SHELLS, Terminal, local_line

HOSTILE = "a'b\"c $(touch x) `y` \\ *?[z]\n-é\x01"


@contextmanager
def talking(shell: str, timeout: float | None = 30) -> Iterator[tuple[Files, Line, Terminal]]:
    """Files of this machine, through a shell of this name."""
    with local_line(shell) as (line, terminal):
        line.send(PROGRAM)
        with Files(line, timeout=timeout) as files:
            yield files, line, terminal


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    """Each shell there is here."""
    return str(request.param)


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder the shell begins in; what is temporary is beside it."""
    (tmp_path / "there").mkdir()
    (tmp_path / "tmp").mkdir()
    monkeypatch.chdir(tmp_path / "there")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setenv("HOME", str(tmp_path / "there"))
    return tmp_path / "there"


@contextmanager
def tools(only_without: tuple[str, ...]) -> Iterator[str]:
    """A PATH of busybox's tools only, some left out."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["busybox", "--install", "-s", folder], check=True)
        for name in only_without:
            Path(folder, name).unlink(missing_ok=True)
        for name in ("busybox", "cksum"):
            Path(folder, name).unlink(missing_ok=True)
            Path(folder, name).symlink_to(shutil.which(name) or "")
        yield folder


def nothing_is_left(there: Path) -> bool:
    """Whether no temporary file or folder is there."""
    return not list(there.glob(".coder-nb-*")) and not list((there.parent / "tmp").iterdir())


def test_any_bytes_come_back(shell: str, there: Path) -> None:
    """All byte values, no bytes, one more than fits in a message, what looks like a mark, what can be squeezed."""
    with talking(shell) as (files, line, _):
        every = bytes(range(256)) * 300
        looks_like_marks = f"\x1eS{line.nonce[:-1]}\x1e".encode() * 3 + f"\x1eZ{line.nonce[::-1]}\x1e".encode()
        for data in (every, b"", b"\n", os.urandom(49105), looks_like_marks, b"row,of,text\n" * 100_000):
            assert files.write(data, "x").checked == "sha256"
            assert (there / "x").read_bytes() == data
            assert files.read("x", most=10**9) == data
    assert nothing_is_left(there)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.binary(min_size=1, max_size=60).filter(lambda name: not set(b"/\0") & set(name)), data=st.binary())
def test_any_name_is_only_a_name(there: Path, name: bytes, data: bytes) -> None:
    """Quotes, newlines, patterns, bytes that are no text: nothing of it is run, and `ls` gives it back."""
    text = os.fsdecode(name)
    if text in (".", "..", "~"):
        return
    with talking("dash") as (files, _, _):
        files.write(data, text)
        assert (there / text).read_bytes() == data
        assert files.read(text, most=10**6) == data
        assert [entry.name for entry in files.list(".")] == [text]
    (there / text).unlink()


def test_a_hostile_name_through_each_shell(shell: str, there: Path) -> None:
    """In a folder as hostile as itself."""
    (there / HOSTILE).mkdir()
    with talking(shell) as (files, _, _):
        files.write(b"1", f"{HOSTILE}/{HOSTILE}")
        assert files.read(f"{HOSTILE}/{HOSTILE}", most=9) == b"1"
        assert [entry.name for entry in files.list(HOSTILE)] == [HOSTILE]
    assert [path.name for path in there.iterdir()] == [HOSTILE]


def test_modes_and_places(shell: str, there: Path) -> None:
    """A file keeps its mode; a folder as a place is one to put it in; a link is written through; `~` is home."""
    here = there.parent / "run.sh"
    here.write_bytes(b"#!/bin/sh\n")
    here.chmod(0o750)
    (there / "sub").mkdir()
    (there / "real").write_bytes(b"old")
    (there / "real").chmod(0o640)
    (there / "link").symlink_to("real")
    with talking(shell) as (files, _, _):
        files.send(str(here), "sub")
        assert stat.S_IMODE((there / "sub/run.sh").stat().st_mode) == 0o750
        files.write(b"new", "~/link")
        assert (there / "link").is_symlink() and (there / "real").read_bytes() == b"new"
        assert stat.S_IMODE((there / "real").stat().st_mode) == 0o640
        files.write(b"fresh", "fresh")
        usual = there / "usual"
        usual.touch()
        assert (there / "fresh").stat().st_mode == usual.stat().st_mode
        files.fetch("~/sub/run.sh", str(there.parent))
        files.fetch("sub/run.sh", str(there.parent / "copy.sh"))
        assert stat.S_IMODE((there.parent / "copy.sh").stat().st_mode) == 0o750


def test_what_is_in_the_way_is_named(shell: str, there: Path, tmp_path: Path) -> None:
    """Each with the kind of error people can catch, the path, and what to do; the shell goes on."""
    (there / "folder").mkdir()
    (there / "file").touch()
    os.mkfifo(there / "pipe")
    (tmp_path / "some").mkdir()
    with talking(shell) as (files, _, _):
        wrong: list[tuple[type[CoderError], str, Callable[[], object]]] = [
            (NotFound, "nowhere", lambda: files.read("nowhere", most=9)),
            (NotFound, "nowhere", lambda: files.list("nowhere/*")),
            (NotFound, "no such folder.*no/where", lambda: files.write(b"1", "no/where/x")),
            (NotFound, "no such folder.*no/where", lambda: files.write(b"1", "no/where/")),
            (NotFound, "on this machine", lambda: files.send(str(tmp_path / "none"), "x")),
            (Conflict, "folder is in the way.*folder", lambda: files.write(b"1", "folder")),
            (Conflict, "folder is in the way.*folder", lambda: files.read("folder", most=9)),
            (Conflict, "neither a file nor a folder.*pipe", lambda: files.read("pipe", most=9)),
            (Conflict, "file is in the way.*file", lambda: files.send(str(tmp_path / "some"), "file")),
            (Invalid, "not a path", lambda: files.read("", most=9)),
            (Invalid, "not a path", lambda: files.read("a\0b", most=9)),
        ]
        for kind, words, call in wrong:
            with pytest.raises(kind, match=words) as caught:
                call()
            assert caught.value.hint, words
        assert files.read("file", most=9) == b""
    assert nothing_is_left(there)


def test_no_place_here_keeps_nothing(shell: str, there: Path, tmp_path: Path) -> None:
    """What cannot be put here is not, and its half is nowhere."""
    (there / "file").write_bytes(b"1" * 1000)
    with talking(shell) as (files, _, _), pytest.raises(NotFound, match="on this machine"):
        files.fetch("file", str(tmp_path / "none/x"))
    with talking(shell) as (files, _, _), pytest.raises(Conflict, match="larger than 9 bytes"):
        files.read("file", most=9)


def test_no_room_is_told_before_anything_is_sent(shell: str, there: Path, tmp_path: Path) -> None:
    """A file larger than any disk, which has no bytes of its own."""
    with (tmp_path / "large").open("wb") as file:
        file.truncate(2**43)
    with talking(shell) as (files, _, _), pytest.raises(TooLarge, match=r"no room.*: \d+ KiB are free"):
        files.send(str(tmp_path / "large"), "x")
    assert list(there.iterdir()) == [] and nothing_is_left(there)


def test_a_disk_that_fills_up_on_the_way(shell: str, there: Path) -> None:
    """The rest of what is sent is not taken for commands, and what was there before still is."""
    (there / "x").write_bytes(b"before")
    with local_line(shell) as (line, _):
        line.send("ulimit -f 100; trap '' XFSZ 2>/dev/null\n" + PROGRAM)
        with Files(line, timeout=30) as files, pytest.raises(CoderError, match="x"):
            files.write(b"touch ran\n" * 10 + os.urandom(20_000_000), "x")
    assert [path.name for path in there.iterdir()] == ["x"]
    assert (there / "x").read_bytes() == b"before" and nothing_is_left(there)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do anything")
def test_what_is_not_allowed(there: Path) -> None:
    """Neither to read, nor to write, nor to replace what is read-only."""
    for name in ("secret", "fixed"):
        (there / name).write_bytes(b"1")
    (there / "secret").chmod(0)
    (there / "fixed").chmod(0o444)
    with talking("dash") as (files, _, _):
        for call in (
            lambda: files.read("secret", most=9),
            lambda: files.write(b"2", "fixed"),
            lambda: files.write(b"2", "/proc/x"),
        ):
            with pytest.raises(PermissionDenied):
                call()


def test_an_interrupted_transfer_leaves_nothing(shell: str, there: Path, tmp_path: Path) -> None:
    """Ctrl-C in the middle of sending, and of fetching: what was there before still is, on both sides."""
    (there / "x").write_bytes(b"before")

    def stop(text: str) -> None:
        raise KeyboardInterrupt

    for verb in ("write", "fetch"):
        with local_line(shell) as (line, _):
            line.send(PROGRAM)
            with pytest.raises(KeyboardInterrupt), Files(line, timeout=30, tell=stop) as files:
                if verb == "write":
                    files.write(os.urandom(3_000_000), "x")
                else:
                    files.fetch("x", str(tmp_path / "x"))
        assert (there / "x").read_bytes() == b"before"
        assert nothing_is_left(there) and not list(tmp_path.glob("*x*"))


def test_a_terminal_that_hangs_up_leaves_nothing(shell: str, there: Path) -> None:
    """Whoever kills the shell, however: a watcher is told by the system."""
    with local_line(shell) as (line, terminal):
        line.send(PROGRAM)
        with pytest.raises(ConnectionLost), Files(line, timeout=30) as files:
            files._talk.begin("f=x b= i=123 n=0 m= z=\nput", "x")
            assert list(there.glob(".coder-nb-*"))
            terminal.hang_up()
            terminal.close()
            files.read("x", most=9)
    deadline = time.monotonic() + 10
    while not nothing_is_left(there) and time.monotonic() < deadline:
        os.sched_yield()
    assert nothing_is_left(there) and not (there / "x").exists()


def test_what_arrives_changed_is_not_kept(shell: str, there: Path) -> None:
    """The checksums differ: somebody has written into it on its way."""
    (there / "x").write_bytes(b"before")
    with talking(shell) as (files, _, _):
        sender = files._sender("put", "x", size=3, squeeze=False)
        sender.checksum.update(b"?")
        with pytest.raises(TransportError, match="did not arrive as it was sent"):
            sender.write(b"new")
            files._settle(sender, "x", "keep")
    assert (there / "x").read_bytes() == b"before" and nothing_is_left(there)


def test_an_answer_that_comes_early_is_not_lost(shell: str, there: Path) -> None:
    """While the last of what is typed is still on its way, the workspace may be done with it."""
    with talking(shell) as (files, _, _):
        sender = files._sender("put", "x", size=3, squeeze=False)
        sender.write(b"new")
        sender.finish()
        while not files._talk._came:
            files._talk._hear(10)
        files._talk.write("\n")
        assert files._talk.ask("", "x").letter == "S"
        files._talk.ask("keep", "x")
    assert (there / "x").read_bytes() == b"new"


def test_folders(shell: str, there: Path, tmp_path: Path) -> None:
    """With modes, links and empty folders; into a new place whole, into an old one file by file."""
    local = tmp_path / "local"
    (local / "sub/empty").mkdir(parents=True)
    (local / "sub/run.sh").write_bytes(b"#!/bin/sh\n")
    (local / "sub/run.sh").chmod(0o755)
    (local / HOSTILE).write_bytes(os.urandom(100_000))
    (local / "link").symlink_to("sub/run.sh")
    with talking(shell) as (files, _, _):
        copied = files.send(str(local), "new")
        assert (copied.files, copied.size) == (2, 100_010)
        assert tree(there / "new") == tree(local)
        (there / "new/other").write_bytes(b"stays")
        (local / HOSTILE).write_bytes(b"changed")
        files.send(str(local), "new")
        assert (there / "new/other").read_bytes() == b"stays"
        assert (there / "new" / HOSTILE).read_bytes() == b"changed"
        files.send(str(local), "./")
        assert tree(there / "local") == tree(local)
        back = files.fetch("new", str(tmp_path / "back"))
        assert tree(tmp_path / "back") == tree(there / "new")
        assert (back.files, back.skipped) == (3, ())
        (tmp_path / "back/mine").write_bytes(b"stays too")
        files.fetch("new", str(tmp_path / "back"))
        assert tree(tmp_path / "back") == tree(there / "new") | {"mine": (0o644, b"stays too")}
    assert nothing_is_left(there) and nothing_is_left(tmp_path / "back")


def test_links_out_of_a_folder_stay_out(there: Path, tmp_path: Path) -> None:
    """Nothing that is fetched leads outside of its place here; what was left out is named."""
    (there / "d").mkdir()
    (there / "d/ok").write_bytes(b"1")
    (there / "d/passwd").symlink_to("/etc/passwd")
    (there / "d/up").symlink_to("../../..")
    os.mkfifo(there / "d/pipe")
    with talking("dash") as (files, _, _):
        copied = files.fetch("d", str(tmp_path / "got"))
    assert sorted(copied.skipped) == ["passwd", "pipe", "up"] and "left out" in repr(copied)
    assert [path.name for path in (tmp_path / "got").iterdir()] == ["ok"]


def test_listing(shell: str, there: Path) -> None:
    """Kinds, sizes, modes, links; of a folder, a file, a pattern."""
    (there / "data").mkdir()
    for name in ("b.csv", "a.csv", "c.txt"):
        (there / "data" / name).write_bytes(b"12345")
    (there / "link").symlink_to("data/a.csv")
    (there / "dangling").symlink_to("no\nwhere")
    os.mkfifo(there / "pipe")
    with talking(shell) as (files, _, _):
        listed = {entry.name: (entry.kind, entry.size, entry.target) for entry in files.list(".")}
        assert listed == {
            "data": ("folder", None, None),
            "link": ("link", None, "data/a.csv"),
            "dangling": ("link", None, "no\nwhere"),
            "pipe": ("other", None, None),
        }
        assert [entry.name for entry in files.list("data/*.csv")] == ["data/a.csv", "data/b.csv"]
        assert [(entry.name, entry.size) for entry in files.list("data/[a]*")] == [("data/a.csv", 5)]
        (one,) = files.list("link")
        assert (one.name, one.target, one.mode) == ("link", "data/a.csv", "rwxrwxrwx")
        assert abs(files.list("data/c.txt")[0].modified.timestamp() - (there / "data/c.txt").stat().st_mtime) <= 1


@pytest.mark.skipif("busybox" not in SHELLS, reason="no busybox here")
@pytest.mark.parametrize("without", [(), ("sha256sum", "gzip"), ("stat",), ("df", "readlink")], ids=str)
def test_busyboxs_tools_alone_will_do(there: Path, monkeypatch: pytest.MonkeyPatch, without: tuple[str, ...]) -> None:
    """Where there is no SHA-256 the checksum is cksum's, where there is no gzip nothing is squeezed."""
    with tools(without) as path, monkeypatch.context() as patch:
        patch.setenv("PATH", path)
        with talking("busybox") as (files, _, _):
            data = bytes(range(256)) * 1000
            copied = files.write(data, "x")
            assert copied.checked == ("cksum" if "sha256sum" in without else "sha256")
            assert files.read("x", most=10**9) == data
            if "stat" not in without:
                assert [entry.name for entry in files.list(".")] == ["x"]
    assert (there / "x").read_bytes() == data


def test_no_base64_is_told(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name of what is missing."""
    with tools(("base64",)) as path, monkeypatch.context() as patch:
        patch.setenv("PATH", path)
        with talking("busybox") as (files, _, _), pytest.raises(AgentUnavailable, match="no base64, python3 or perl"):
            files.write(b"1", "x")


def test_time_is_up(there: Path) -> None:
    """Nothing is half done."""
    with talking("dash", timeout=0.3) as (files, _, _), pytest.raises(TransportError, match=r"within 0\.3 s: x"):
        files._talk.begin("f=x b= i=123 n=0 m= z=\nput", "x")
        files._talk.ask("", "x")
    assert nothing_is_left(there) and not (there / "x").exists()


def tree(folder: Path) -> dict[str, tuple[int, object]]:
    """What is in a folder: names, modes, contents or where links lead."""
    found: dict[str, tuple[int, object]] = {}
    for path in folder.rglob("*"):
        what = str(path.readlink()) if path.is_symlink() else None if path.is_dir() else path.read_bytes()
        found[str(path.relative_to(folder))] = (stat.S_IMODE(path.lstat().st_mode), what)
    return found
