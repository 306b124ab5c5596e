"""A log source of one's own: nothing is lost that there is room for, nothing waits, nothing is left running."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from coder_nb.embedded.faults import Fault
from coder_nb.embedded.state import QUOTA_BYTES, LogSource
from coder_nb.errors import AuthenticationError, InvalidCommand, TooLarge
from coder_nb.within import Inside, inside
from coder_nb.within.lines import source_id
from tests.transport.hostile import HostileServer, Script, json_answer
from tests.within.conftest import Home

LOGS = "/api/v2/workspaceagents/me/logs"


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """A logger of this test's own, which tells nobody else."""
    it = logging.getLogger("tests.within")
    it.setLevel(1)
    it.propagate = False
    yield it
    for handler in list(it.handlers):
        it.removeHandler(handler)


def names() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("coder-nb:log")]


def texts(home: Home) -> list[tuple[str, str]]:
    return [(line.level, line.output) for line in home.lines()]


def test_lines_arrive_under_the_name_of_their_source(me: Inside, home: Home) -> None:
    """In order, each with its level; the source is registered once, with its icon."""
    with me.log_source("nightly", icon="/emojis/1f319.png") as log:
        for level in ("trace", "debug", "info", "warn", "error"):
            getattr(log, level)(f"a line of {level}")
        log.info("two\nlines\0")
    with me.log_source("nightly"):
        pass
    assert texts(home) == [(level, f"a line of {level}") for level in ("trace", "debug", "info", "warn", "error")] + [
        ("info", "two"),
        ("info", "lines"),
    ]
    assert {line.source_id for line in home.lines()} == {source_id("nightly")}
    registered = [(source.display_name, source.icon) for source in home.agent.log_sources]
    assert registered == [("nightly", "/emojis/1f319.png")]


def test_closing_stores_what_waits_and_ends_the_thread(me: Inside, home: Home) -> None:
    """At once, not after the second a batch would have waited; closing again does nothing."""
    log = me.log_source("nightly")
    assert names() == ["coder-nb:log-source"]
    assert all(thread.daemon for thread in threading.enumerate() if thread.name.startswith("coder-nb:log"))
    log.info("the last")
    log.close()
    log.close()
    assert [text for _, text in texts(home)] == ["the last"]
    assert names() == []
    assert "closed" in repr(log)


def test_a_line_said_after_the_end_is_counted_and_no_error(me: Inside, home: Home) -> None:
    """A job does not fail because of its log."""
    log = me.log_source("nightly")
    log.close()
    log.info("too late")
    assert (log.dropped, texts(home)) == (1, [])


def test_closing_the_connection_closes_its_sources(home: Home) -> None:
    """So that a `with inside()` leaves nothing behind."""
    with inside(environ=home.environ) as me:
        me.log_source("one").info("1")
        me.log_source("two").info("2")
    assert sorted(text for _, text in texts(home)) == ["1", "2"]
    assert names() == []


def test_lines_are_sent_in_few_requests(me: Inside, home: Home) -> None:
    """All that waits goes in one: a request for each line would meet the server's rate limit."""
    batches: list[int] = []
    home.agent.logs.listen(lambda lines: batches.append(len(lines)))
    with me.log_source("busy") as log:
        for number in range(5000):
            log.info(f"{number}")
    assert [text for _, text in texts(home)] == [f"{number}" for number in range(5000)]
    assert len(batches) <= 10


def test_a_flush_waits_until_all_is_stored(me: Inside, home: Home) -> None:
    """And without anything to wait for it returns at once."""
    with me.log_source("nightly") as log:
        assert log.flush()
        log.info("stored")
        assert log.flush()
        assert [text for _, text in texts(home)] == ["stored"]


def test_names_and_levels_that_are_none_are_refused(me: Inside, home: Home) -> None:
    """Before anything is sent."""
    for name in ("", "x" * 128, "two\nlines"):
        with pytest.raises(InvalidCommand, match="not a name for a log source"):
            me.log_source(name)
    with me.log_source("nightly") as log, pytest.raises(InvalidCommand, match="no such log level"):
        log.say("loud", "hello")
    assert texts(home) == []


class TestQuota:
    """1 MiB for the agent, of which others use a part."""

    def test_the_end_can_still_be_said(self, me: Inside, home: Home) -> None:
        """The first lines and the last ones are there, with a line between that says how many are missing."""
        with me.log_source("busy") as log:
            for number in range(3000):
                log.info(f"{number:04} ".ljust(1000, "."))
            log.error("it failed in the end")
            assert log.full
        stored = texts(home)
        first = [text[:4] for _, text in stored if text[:4].isdigit()]
        assert stored[-1] == ("error", "it failed in the end")
        (notice,) = [text for level, text in stored if level == "warn"]
        assert f"{log.dropped:,} lines are missing here" in notice
        assert len(first) + 1 + log.dropped == 3001
        assert first == sorted(first)
        assert len(home.told) == 1 and "full" in home.told[0]
        assert home.agent.logs.length <= QUOTA_BYTES and not home.agent.logs.overflowed

    def test_a_log_that_others_have_filled_is_told_once(self, me: Inside, home: Home) -> None:
        """Their lines stay, ours stop cleanly, and what still fits of the end is said."""
        home.agent.logs.append("x", [("info", "x" * 1000)] * 1048, at=home.workspace.clock.now())
        others = len(home.lines())
        with me.log_source("late") as log:
            for number in range(100):
                log.info(f"{number:02}" * 25)
                if number == 50:
                    assert log.flush()
            log.info("done")
        ours = [text for _, text in texts(home)[others:]]
        assert ours and ours[0].startswith("an agent's log holds 1 MiB") and "done" in ours[-1]
        assert home.told == ["the log of this agent is full: of source late only the last lines will be kept"]
        assert len(ours) - 1 + log.dropped == 101
        assert names() == []

    def test_where_nothing_fits_nothing_is_said(self, me: Inside, home: Home) -> None:
        """And nothing fails."""
        home.agent.logs.append("x", [("info", "x" * QUOTA_BYTES)], at=home.workspace.clock.now())
        with me.log_source("late") as log:
            log.info("hello")
        assert (len(home.lines()), log.dropped, len(home.told)) == (1, 1, 1)


class TestTrouble:
    """What is on the way to a deployment breaks now and then."""

    def test_what_could_not_be_sent_is_sent_later(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A drop, a gateway's error and a rate limit lose nothing, and nothing overtakes."""
        monkeypatch.setattr("coder_nb.within.patience.Patience.pause", lambda self, error=None, most=None: None)
        source = '{"workspace_agent_id":"a","id":"b","display_name":"c","created_at":"2026-11-23T22:00:00Z"}'
        trouble: list[Script] = [lambda sock, request: sock.shutdown(socket.SHUT_RDWR)]
        trouble += [json_answer("{}", status) for status in ("503 Unavailable", "429 Too Many", "504 Gateway Timeout")]
        server = HostileServer([json_answer(source, "201 Created"), *trouble, json_answer("null\n")])
        told: list[str] = []
        environ = {"CODER_AGENT_URL": server.url, "CODER_AGENT_TOKEN": "072ac515-32dd-4ba1-a3c1-d7e808799904"}
        with inside(environ=environ, notify=told.append) as me, me.log_source("nightly") as log:
            log.info("one")
            assert log.flush()
            log.info("two")
        server.close()
        sent = [json.loads(request.body)["logs"] for request in server.requests[1:]]
        assert sent == [[{"output": "one", "level": "info"}]] * 5 + [[{"output": "two", "level": "info"}]]
        assert (log.dropped, told) == (0, [])

    def test_a_refusal_is_told_and_ends_it(self, me: Inside, home: Home) -> None:
        """The token is no good any more: nothing later will help."""
        with me.log_source("nightly") as log:
            home.server.faults.add(Fault("status", path=LOGS, status=401, times=None, body=b"Not authorized."))
            log.info("one")
            log.flush()
            log.info("two")
            log.flush()
        assert home.server.faults.struck == 1
        assert log.dropped == 2
        assert home.told == ["2 lines of log source nightly were not stored: Not authorized"]

    def test_a_server_that_hangs_does_not_hold_the_end(self, me: Inside, home: Home) -> None:
        """Closing waits as long as it is told to, then cuts the connection."""
        home.server.faults.add(Fault("latency", path=LOGS, seconds=20, times=None))
        log = me.log_source("nightly")
        log.info("slow")
        began = time.monotonic()
        log.close(timeout=0.2)
        assert time.monotonic() - began < 10
        assert names() == []
        assert len(home.told) == 1 and home.told[0].startswith("1 lines of log source nightly were not stored")

    def test_a_source_that_cannot_be_registered_is_an_error_at_once(self, home: Home) -> None:
        """Nothing is left running."""
        home.agent.token = None
        environ = {**home_environ(home), "CODER_AGENT_TOKEN": "072ac515-32dd-4ba1-a3c1-d7e808799904"}
        with inside(environ=environ) as me, pytest.raises(AuthenticationError):
            me.log_source("nightly")
        assert names() == []


def home_environ(home: Home) -> dict[str, str]:
    return {"CODER_AGENT_URL": home.server.url}


class TestLogging:
    """The standard library's logging, into a log source."""

    def test_records_become_lines_of_their_level(self, me: Inside, home: Home, logger: logging.Logger) -> None:
        """Tracebacks too, a line each; below DEBUG is trace, above ERROR is error."""
        with me.log_source("job") as log:
            logger.addHandler(log.handler())
            logger.log(5, "five")
            logger.debug("ten")
            logger.info("epoch %d", 3)
            logger.warning("careful")
            logger.critical("gone")
            try:
                raise ValueError("bad")
            except ValueError:
                logger.exception("failed")
        stored = texts(home)
        assert stored[:5] == [
            ("trace", "five"),
            ("debug", "ten"),
            ("info", "epoch 3"),
            ("warn", "careful"),
            ("error", "gone"),
        ]
        assert stored[5] == ("error", "failed") and stored[-1] == ("error", "ValueError: bad")

    def test_a_handler_has_a_level_of_its_own(self, me: Inside, home: Home, logger: logging.Logger) -> None:
        """As any handler."""
        with me.log_source("job") as log:
            logger.addHandler(log.handler(logging.WARNING))
            logger.info("quiet")
            logger.warning("loud")
        assert texts(home) == [("warn", "loud")]

    def test_what_is_logged_about_the_sending_is_not_sent(self, me: Inside, home: Home) -> None:
        """urllib3 tells of each request at DEBUG: on the root logger that would never end."""
        root = logging.getLogger()
        before = root.level
        with me.log_source("all") as log:
            handler = log.handler()
            root.addHandler(handler)
            root.setLevel(logging.DEBUG)
            try:
                logging.getLogger("urllib3.test").debug("by somebody else")
                for _ in range(3):
                    assert log.flush()
            finally:
                root.removeHandler(handler)
                root.setLevel(before)
        assert [text for _, text in texts(home) if "me/logs" in text] == []
        assert ("debug", "by somebody else") in texts(home)

    def test_a_process_that_just_ends_stores_what_it_said(self, home: Home) -> None:
        """Without a close."""
        code = "import coder_nb\ncoder_nb.inside().log_source('job').info('the end')\n"
        subprocess.run([sys.executable, "-c", code], env=home.environ, check=True, timeout=60)
        assert texts(home) == [("info", "the end")]


class TestSay:
    """One line, at once, with an error where it fails."""

    def test_it_goes_to_external_or_to_a_source_of_that_name(self, me: Inside, home: Home) -> None:
        """Which is the one `log_source` has too."""
        me.say("hello")
        me.say("two\nlines", level="warn", source="nightly")
        assert texts(home) == [("info", "hello"), ("warn", "two"), ("warn", "lines")]
        by_id = {source.id: source.display_name for source in home.agent.log_sources}
        assert [by_id[line.source_id] for line in home.lines()] == ["External", "nightly", "nightly"]

    def test_a_full_log_is_an_error(self, me: Inside, home: Home) -> None:
        """Since here somebody waits for it."""
        home.agent.logs.append("x", [("info", "x" * QUOTA_BYTES)], at=home.workspace.clock.now())
        with pytest.raises(TooLarge):
            me.say("hello")

    def test_a_bad_level_is_refused_before_a_source_is_made(self, me: Inside, home: Home) -> None:
        """Nothing is sent at all."""
        with pytest.raises(InvalidCommand, match="no such log level"):
            me.say("hello", level="loud", source="new")
        assert home.agent.log_sources == list[LogSource]()
