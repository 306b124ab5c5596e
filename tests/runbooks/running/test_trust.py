"""A token that gets into results is in nothing a run leaves: notebook, journal, evidence, report, audit, cassette."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from coder_nb.checking import Known, check
from coder_nb.embedded.server import Embedded
from tests.runbooks.running.conftest import Desk, connected, deployment, desk

__all__ = ["connected", "deployment", "desk"]

CONNECTS = "%coder connect;\nimport os, base64\ntoken = os.environ['CODER_SESSION_TOKEN']"
STEPS = (
    """%%coder step "Echo it"
r = %coder run web -e token -- echo "it is $token"; echo "$token" | base64; printf '%s' "$token" | fold -w 7
assert token in r.output
r""",
    """%%coder step "Read logs"
logs = %coder logs web --tail 20
assert logs["text"].str.contains(token).any()
logs""",
    """%%coder step "Look at what is measured"
measured = %coder metadata web
assert measured["value"].str.contains(token).any()
measured[["name", "value"]]""",
    """%%coder step "Print it"
print("printed", token)
{"told": token, "as": base64.b64encode(f"me:{token}".encode()).decode()}""",
    """%%coder step "Fail with it"
raise ValueError(f"no {token}")""",
)


@pytest.fixture
def planted(connected: Desk, deployment: Embedded) -> str:
    """The session token, which is also in a workspace's log and in what is measured there."""
    token = deployment.token.reveal()
    (web,) = (space for space in deployment.deployment.workspaces if space.name == "web")
    agent = web.builds[-1].resources[0].agents[0]
    agent.logs.append("s", [("info", f"curl -H 'Coder-Session-Token: {token}'")], at=deployment.deployment.clock.now())
    agent.metadata[0] = replace(agent.metadata[0], value=f"used by {token}")
    return token


def everything(folder: Path) -> dict[str, str]:
    """All files, as text."""
    return {str(path): path.read_bytes().decode("utf-8", "replace") for path in folder.rglob("*") if path.is_file()}


def test_a_planted_token_is_masked_in_all_that_a_run_leaves(connected: Desk, planted: str) -> None:
    """Though every step met it, printed it, handed it on or failed with it."""
    connected.book(CONNECTS, *STEPS)
    ran = connected.run("book.ipynb", "--report", "out.html", "--output", "executed.ipynb", "--record", "taken")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "no ****" in ran.stdout + ran.stderr
    left = everything(connected.folder) | everything(connected.folders()[0].parents[2])
    assert {Path(name).name for name in left} >= {"out.html", "executed.ipynb", "taken.cassette", "audit.jsonl",
                                                  "journal.json"}  # fmt: skip
    assert [name for name, text in left.items() if planted in text or planted[3:25] in text] == []
    assert planted not in ran.stdout + ran.stderr
    for name in ("out.html", "executed.ipynb", "audit.jsonl", "taken.cassette"):
        assert "****" in next(text for path, text in left.items() if path.endswith(name)), name
    own = Known({planted: "the token"})
    assert [str(found) for name in left for found in check(Path(name), own) if found.kind == "the token"] == []


def test_the_audit_tells_of_each_step(connected: Desk, planted: str) -> None:
    """In the order they went, by the runner too, and how the run came out."""
    connected.book(CONNECTS, STEPS[0], STEPS[4])
    connected.run("book.ipynb")
    (audit,) = Path(connected.environment["XDG_STATE_HOME"]).rglob("audit.jsonl")
    lines = [json.loads(line) for line in audit.read_text().splitlines()]
    assert [(line.get("title", ""), line["outcome"]) for line in lines] == [
        ("Echo it", "running"),
        ("Echo it", "done"),
        ("Fail with it", "running"),
        ("Fail with it", "failed"),
        ("", "failed"),
    ]
    assert len({(line["run"], line["book"], line["book_hash"], line["user"]) for line in lines}) == 1
    assert all(line["book_hash"] for line in lines)
