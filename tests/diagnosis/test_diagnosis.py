"""A diagnosis as it is shown: text, HTML, frame."""

from __future__ import annotations

from html.parser import HTMLParser

from coder_nb.diagnosis import Diagnosis, Facts
from tests.diagnosis.made import ago, app, build, build_lines, facts, health, item, lines


def shown(seen: Facts) -> Diagnosis:
    """A diagnosis of those facts."""
    return Diagnosis("dev", seen, {"deployment": "demo"})


class Words(HTMLParser):
    """The text of a page, and the tags it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.tags = "", set[str]()
        self.feed(page)

    def handle_data(self, data: str) -> None:
        """Collects."""
        self.text += data

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Collects."""
        self.tags.add(tag)


def test_a_workspace_that_is_well_is_said_to_be() -> None:
    """Plainly, and with what was looked at."""
    it = shown(facts(it={"logs": lines("ready", level="info")}))
    assert it.healthy and it.causes == ()
    assert repr(it).splitlines() == [
        "dev: running, healthy",
        "Nothing is wrong that could be seen. As of 2026-03-12 09:30:00 UTC.",
        "",
        "Looked at: build 2, 1 agent, 1 script run, 1 log line.",
    ]
    assert len(it.frame) == 0 and it.frame.attrs == {"frame": "causes", "deployment": "demo"}


def test_causes_are_shown_with_evidence_times_and_the_next_line() -> None:
    """The text is the same each time."""
    it = shown(facts(build("failed", error="exit status 1"), build_log=build_lines("no such machine")))
    assert not it.healthy
    assert repr(it).splitlines() == [
        "dev: failed",
        "1 problem. As of 2026-03-12 09:30:00 UTC.",
        "",
        " 1  problem   build 2 (start) failed: no such machine",
        "      build log, Starting: 2026-03-12 08:30:00  no such machine",
        "      job: 2026-03-12 08:30:00  exit status 1",
        "    > %coder logs dev --provisioner",
        "",
        "Looked at: build 2.",
    ]


def test_notes_are_no_fault() -> None:
    """They are counted, and it is healthy all the same."""
    it = shown(facts(workspace={"outdated": True}))
    assert it.healthy
    assert "Nothing is wrong that could be seen; 1 note." in repr(it)


def test_what_the_server_says_and_what_could_not_be_had_is_told() -> None:
    """In text and in HTML."""
    it = shown(facts(agent={"health": health("agent has lost connection")}, untold=["the log of dev: it was refused"]))
    for text in (repr(it), Words(it._repr_html_()).text):
        assert "unhealthy: agent has lost connection" in text
        assert "not looked at: the log of dev: it was refused" in text


def test_nothing_that_comes_from_a_workspace_acts() -> None:
    """Markup is text, and control characters are seen."""
    bad = "<script>alert(1)</script>\x07"
    agent = {"apps": [app("unhealthy", url=bad)], "health": health(bad)}
    it = shown(facts(agent=agent, it={"metadata": [item(bad, error=bad)], "logs": lines(bad)}))
    page = Words(it._repr_html_())
    assert page.tags <= {"div", "b", "span", "table", "tr", "td", "code"}
    assert "<script>alert(1)</script>␇" in page.text
    assert "\x07" not in repr(it) + it._repr_html_()


def test_the_frame_has_a_row_a_cause() -> None:
    """In the order of their rank."""
    it = shown(facts(workspace={"dormant_at": ago(days=2), "outdated": True}))
    assert it.frame[["rank", "level", "rule"]].values.tolist() == [[1, "warning", "dormant"], [2, "note", "outdated"]]
    assert it.frame["since"].notna().tolist() == [True, False]


def test_where_it_is_is_told_when_that_is_not_what_was_asked_for() -> None:
    """A workspace with several agents."""
    seen = facts(it={"metadata": [item("Kernels", error="exit status 7")]})
    assert "dev: metadata" not in repr(shown(seen))
    assert "dev: metadata Kernels" in repr(Diagnosis("dev.main", seen, {}))
