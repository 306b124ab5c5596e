"""How scripts ended: what they said last, and since when they take longer."""

from __future__ import annotations

from coder_nb.diagnosis import diagnose
from tests.diagnosis.made import ago, build, facts, lines, run


def test_the_last_words_of_a_script_that_failed_are_its_own() -> None:
    """Without traces below them, repeated ones once, and nothing that others wrote."""
    other = lines("of somebody else", source="other")
    own = lines("refused", "refused", "gave up", "    at line 3", "exit 1: nothing done")
    seen = facts(it={"logs": own + other, "timings": [run(exit_code=1, status="exit_failure")]})
    (cause,) = [cause for cause in diagnose(seen) if cause.rule == "script-failed"]
    assert [one.text for one in cause.evidence] == ["refused", "gave up", "exit 1: nothing done", "after 10.0 s"]
    assert cause.level == "problem"
    assert cause.next == "%coder logs dev --source Startup --tail 40"


def test_a_script_that_fails_by_the_clock_is_a_warning() -> None:
    """The workspace is up all the same."""
    seen = facts(it={"timings": [run("Backup", exit_code=2, status="exit_failure", stage="cron")]})
    assert [(cause.rule, cause.level) for cause in diagnose(seen)] == [("script-failed", "warning")]


def test_a_start_that_failed_is_told_without_timings_too() -> None:
    """The agent says so itself."""
    seen = facts(agent={"lifecycle_state": "start_error"}, it={"timings": [], "logs": lines("no such file")})
    (cause,) = [cause for cause in diagnose(seen) if cause.rule == "script-failed"]
    assert cause.what == "a start script failed"
    assert cause.evidence[1].text == "no such file"


def test_a_failed_run_is_not_called_slow() -> None:
    """Neither is one that has no like in the start before."""
    before = [run(seconds=10, started_at=ago(days=7))]
    slow = [run(seconds=500, status="exit_failure", exit_code=1), run("New", seconds=500)]
    seen = facts(before=build(build_number=1), it={"timings": slow, "before": before})
    assert "startup-slower" not in [cause.rule for cause in diagnose(seen)]


def test_both_times_of_a_slow_script_are_shown() -> None:
    """With when they were taken, and the line that shows the log of then."""
    before = [run(seconds=48.6, started_at=ago(days=7))]
    seen = facts(before=build(build_number=1), it={"timings": [run(seconds=251.4)], "before": before})
    (cause,) = diagnose(seen)
    assert list(cause.evidence) == [
        ("this start", "251.4 s", ago(hours=2)),
        ("build 1", "48.6 s", ago(days=7)),
    ]
    assert cause.next == "%coder logs dev --source Startup --build -1"
