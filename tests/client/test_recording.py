"""What was recorded with a deployment is the same without one: objects, frames, errors, and how they look."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from coder_nb.client import Coder, connect
from coder_nb.credentials import Secret
from coder_nb.embedded import launch
from coder_nb.errors import (
    AuthenticationError,
    ConfigurationError,
    ConfirmationRequired,
    Conflict,
    NotFound,
    NotRecorded,
)
from coder_nb.transport.cassette.layout import objects
from coder_nb.transport.wire import Wire

PLANTED = "planted-7-secret-29"
BEGIN = "-----BEGIN RSA PRIVATE KEY-----"
KEY = "MIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu"
SHAPED = "Zx9Qw8Er7T-Zx9Qw8Er7TyUiOpAsDfGh1"

Told = dict[str, Any]


def reads(coder: Coder) -> Told:
    """What is asked for over HTTP, and refused."""
    here, web = coder.agent("here"), coder.agent("web")
    with pytest.raises(NotFound) as unknown:
        coder.agent("wbe")
    with pytest.raises(Conflict) as refused:
        coder.record("twice") if coder.replayed else coder.record("all")
    return {
        "user": coder.user(),
        "expires": coder.whoami().expires,
        "workspaces": coder.workspaces("owner:me"),
        "logs": web.logs(level="warn"),
        "ports": web.ports(),
        "containers": web.containers(),
        "links": web.apps(),
        "scripts": web.scripts(),
        "unknown": str(unknown.value),
        "refused": type(refused.value),
        "agent": repr(here),
        "build": coder.workspace("web").build_logs(),
    }


def streams(coder: Coder) -> Told:
    """What comes by WebSocket, by events, and in calls over one stream."""
    web, chatty = coder.agent("web"), coder.agent("chatty")
    with coder.api.metadata.watch_sse(web.id) as events:
        first = next(events)
    return {
        "followed": list(islice(web.follow_logs(), 5)),
        "live": [line.id for line in islice(chatty.follow_logs(), 12)],
        "metadata": web.metadata(),
        "events": first,
        "network": repr(coder.network()),
        "agent": repr(web.network()),
        "fleet": next(iter(coder.follow_workspaces())),
        "items": next(iter(web.follow_metadata())),
    }


def commands(coder: Coder) -> Told:
    """What runs in terminals: one after another, side by side, with input, secrets, exit codes and time limits."""
    here = coder.agent("here")
    found: dict[int, str] = {}

    def one(number: int) -> None:
        found[number] = here.run(f"echo {number}").output

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    timed = here.run("echo begun; sleep 30", timeout=0.3, check=False)
    with here.session() as session:
        said = [session.run(f"echo {word}").output for word in ("a", "b", "a")]
    results = [
        here.run("echo out; echo err >&2; exit 3", check=False, stderr="separate"),
        here.run('cat; echo "[$WORD]"', input="héllo", env={"WORD": Secret(PLANTED)}),
        here.run(f"A={SHAPED[:9]} B={KEY[:9]}; echo $A{SHAPED[9:]}; sleep 0.1; echo '{BEGIN}'; echo $B{KEY[9:]}"),
    ]
    return {
        "parallel": sorted(found.items()),
        "timed": (timed.code, timed.output, timed.timed_out, timed.seconds, timed.started_at),
        "session": said,
        "results": [(it.code, it.stdout, it.stderr, it.seconds, it.started_at, repr(it)) for it in results[:1]],
        "masked": [re.sub(r"\*+", "*", it.masks(it.output)) for it in results[1:2]],
        "bytes": here.run("head -c 4000 /dev/urandom", text=False).stdout,
        "long": here.run("x='" + "é" * 20_000 + "'\necho ${#x}").output,
        "all": coder.run_all("owner:me", "echo $HOME; pwd", at_once=16),
    }


def changes(coder: Coder) -> Told:
    """What changes something: jobs, files, builds."""
    here = coder.agent("here")
    job = here.run("echo one; sleep 0.2; echo two", background=True)
    code = job.wait()
    Path("up.txt").write_text("line\n" * 30_000, encoding="utf-8")
    put = here.put("up.txt", f"{job.id}.txt")
    got = here.get(f"{job.id}.txt", "down.txt")
    down = Path("down.txt").read_text(encoding="utf-8")
    here.run(f"rm {job.id}.txt")
    docs = coder.workspace("docs")
    return {
        "job": (job.id, code, here.jobs()),
        "files": (repr(put), repr(got), len(down)),
        "builds": [(repr(done), done.seconds) for done in (docs.stop(wait=True), docs.start(wait=True))],
    }


PARTS: dict[str, Callable[[Coder], Told]] = {
    "reads": reads,
    "streams": streams,
    "commands": commands,
    "changes": changes,
}


@dataclass
class Taken:
    """What was recorded, and where."""

    told: dict[str, Told]
    folder: Path
    text: str


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taken]:
    """All of the above, recorded with a deployment that is gone by now."""
    folder = tmp_path_factory.mktemp("recorded")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        with launch.start() as demo, connect(demo.url, token=demo.token, record="all") as coder:
            told = {name: part(coder) for name, part in PARTS.items()}
        yield Taken(told, folder, (folder / "all.cassette").read_text(encoding="utf-8"))


@pytest.fixture
def offline(taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a connection fails."""

    def refuse(*_: object) -> None:
        raise AssertionError("a replay opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.chdir(taken.folder)


def same(one: object, other: object) -> bool:
    """Whether two results are equal, frames with their columns' types and their attrs."""
    if isinstance(one, pd.DataFrame) and isinstance(other, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
        return one.attrs == other.attrs
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("part", PARTS)
def test_a_replay_gives_what_was_recorded(taken: Taken, part: str) -> None:
    """Without a deployment and with no connection opened."""
    with connect("replay:all") as coder:
        told = PARTS[part](coder)
    wrong = [name for name, then in taken.told[part].items() if not same(then, told[name])]
    assert wrong == [], {name: (taken.told[part][name], told[name]) for name in wrong}


@pytest.mark.usefixtures("offline")
def test_a_replay_can_be_had_again_and_by_several_at_once(taken: Taken) -> None:
    """Each has a tape of its own; what was asked once is answered for as often as it is asked."""
    with connect("replay:all") as one, connect("replay:all") as other:
        then = taken.told["reads"]["workspaces"]
        assert same(one.workspaces("owner:me"), then) and same(other.workspaces("owner:me"), then)
        for coder in (one, other, one):
            assert coder.agent("here").run("echo 5").output == "5\n"


@pytest.mark.usefixtures("offline")
def test_what_was_not_recorded_is_an_error_that_names_it_and_the_nearest() -> None:
    """For a call, a command and a stream; and what to do about it."""
    with connect("replay:all") as coder:
        with pytest.raises(NotRecorded, match=r"all has no answer to GET /workspaces\?q=owner:bob.*q=owner:me") as call:
            coder.workspaces("owner:bob")
        assert "%coder record all" in call.value.hint
        with pytest.raises(NotRecorded, match=r"typed: 'echo seven'; nearest: 'echo "):
            coder.agent("here").run("echo seven")
        with pytest.raises(NotRecorded, match=r"the WebSocket /workspaceagents/.*/containers/watch"):
            coder.api.containers.watch(coder.agent("here").id)


@pytest.mark.usefixtures("offline")
def test_a_replay_says_what_it_is_and_needs_no_token() -> None:
    """Where people look for it."""
    with connect("replay:all") as coder:
        assert coder.credentials.source == "a recording: all"
        assert "token from a recording: all" in repr(coder)
        assert coder.whoami().user.username == "ada"


@pytest.mark.usefixtures("offline")
def test_a_dry_run_refuses_in_a_replay_too() -> None:
    """What was recorded is no reason to do it."""
    with connect("replay:all") as coder:
        docs = coder.workspace("docs")
        coder.api.http.dry_run = True
        with pytest.raises(ConfirmationRequired):
            docs.stop()


def test_no_secret_is_in_the_cassette(taken: Taken) -> None:
    """Neither what the process knew nor what only looks like one; no header that varies, no id of this run."""
    text = taken.text
    assert PLANTED not in text and SHAPED not in text and KEY not in text
    assert "Coder-Session-Token" not in text and "Set-Cookie" not in text and "X-RateLimit" not in text
    assert re.search(r"_N=[0-9a-f]{32}", text) is None and "_N=⟨nonce 1⟩" in text


def test_a_cassette_is_made_to_be_compared(taken: Taken) -> None:
    """JSON in short lines; the first object says what it is, what changes with each recording is at the end."""
    lines = [line for _, line in objects(taken.text)]
    assert '\n   "workspace_name": "web",\n' in taken.text and '\n "echo 5\\n",\n' in taken.text
    assert (lines[0]["format"], lines[0]["version"]) == ("coder_nb cassette", 1)
    kinds = ["end" if {"begun", "times", "settled"} & set(line) else "said" for line in lines[1:]]
    assert kinds == sorted(kinds, reverse=True)


@pytest.fixture(scope="module")
def fleet() -> Iterator[launch.Demo]:
    """A deployment for recordings that begin and end."""
    with launch.start(here=False) as running:
        yield running


def test_a_recording_that_is_over_leaves_nothing_behind(fleet: launch.Demo, tmp_path: Path) -> None:
    """The connection is as it was, and may be recorded again; the second time under another name."""
    with connect(fleet.url, token=fleet.token) as coder:
        for name in ("one", "two"):
            with coder.record(tmp_path / name) as recorder:
                coder.agent("web").run(f"echo {name}")
            assert recorder.closed and type(coder.api.http.wire) is Wire
            coder.agent("ml").run("echo not recorded")
    for name in ("one", "two"):
        with connect(f"replay:{tmp_path / name}") as replayed:
            assert replayed.agent("web").run(f"echo {name}").output == f"{name}\n"
            with pytest.raises(NotRecorded):
                replayed.agent("ml")


def test_every_connection_of_a_process_is_recorded_in_one_cassette(fleet: launch.Demo, tmp_path: Path) -> None:
    """Where the environment says so; also those that are left open when the process ends."""
    program = (
        "import os, coder_nb as cn\n"
        "def there(): return cn.connect()\n"
        "with there() as one: print(one.agent('web').run('echo 1').output)\n"
        "two = there(); print(two.agent('ml').run('echo 2').output)\n"
    )
    variables = {"CODER_URL": fleet.url, "CODER_SESSION_TOKEN": fleet.token.reveal(), "CODER_NB_RECORD": "both"}
    subprocess.run([sys.executable, "-c", program], env=os.environ | variables, cwd=tmp_path, check=True, timeout=60)
    with connect(f"replay:{tmp_path / 'both'}") as replayed:
        assert replayed.agent("ml").run("echo 2").output == "2\n"
        assert replayed.agent("web").run("echo 1").output == "1\n"
    assert fleet.token.reveal() not in (tmp_path / "both.cassette").read_text(encoding="utf-8")


def test_a_connection_that_comes_to_nothing_leaves_an_older_recording_alone(fleet: launch.Demo, tmp_path: Path) -> None:
    """A wrong token is no reason to lose it."""
    with connect(fleet.url, token=fleet.token, record=str(tmp_path / "good")) as coder:
        coder.agent("web")
    before = (tmp_path / "good.cassette").read_bytes()
    with pytest.raises(AuthenticationError):
        connect(fleet.url, token=Secret("Wr0ngWr0ng-Wr0ngWr0ngWr0ngWr0ngWr"), record=str(tmp_path / "good"))
    assert (tmp_path / "good.cassette").read_bytes() == before
    with connect(fleet.url, token=fleet.token, record=str(tmp_path / "good")) as coder:
        coder.agent("ml")
    assert b"/users/me/workspace/ml" in (tmp_path / "good.cassette").read_bytes()


def test_there_must_be_a_cassette(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names where it was looked for, and what there is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cassettes").mkdir()
    (tmp_path / "cassettes" / "disk-usage.cassette").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no cassette 'disk-usge'") as missing:
        connect("replay:disk-usge")
    assert missing.value.hint == "did you mean disk-usage?"
    with pytest.raises(ConfigurationError, match="disk-usage is no cassette, or is damaged in line 1"):
        connect("replay:disk-usage")
