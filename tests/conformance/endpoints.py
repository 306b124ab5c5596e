"""The 27 endpoints: typed call, face and conformance module of each, as data; and the page made of them.

`python -m tests.conformance.endpoints` runs the suite and writes docs/reference/endpoints.md; a test fails on drift.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reference" / "endpoints.md"


@dataclass(frozen=True)
class Row:
    """One endpoint.

    Args:
        call: the typed call, below `api` or, for calls over RPC, beside it; "" while there is none.
        face: where a person meets it.
        subject: what its conformance module is named after.
        note: what a real deployment does not let the cases show; "" for nothing.
    """

    number: int
    endpoint: str
    call: str = ""
    face: str = ""
    subject: str = ""
    note: str = ""

    @property
    def module(self) -> str:
        """Its conformance module, "" while there is none."""
        return f"test_{self.subject.replace('-', '_')}" if self.subject else ""


_SIGNED = "success needs a document that the cloud signed"
_LINKED = "a token needs a service to log in to"
_INSIDE = "without an agent's token: all of it"
_OIDC = "success needs a user of an OpenID Connect provider"
_DISTURBS = "all but the refusals, unless it may disturb its agent"
_CLAIM = "a claim needs a prebuilt workspace"
_ID = "workspaceagents/{id}"
_ME = "workspaceagents/me"
_DC = "containers/devcontainers/{dc}"
_CLOUD = "-instance-identity"

ROWS = (
    Row(1, f"POST workspaceagents/aws{_CLOUD}", "identity.aws", 'cn.inside("aws")', f"aws{_CLOUD}", _SIGNED),
    Row(2, f"POST workspaceagents/azure{_CLOUD}", "identity.azure", 'cn.inside("azure")', f"azure{_CLOUD}", _SIGNED),
    Row(
        3, f"POST workspaceagents/google{_CLOUD}", "identity.google", 'cn.inside("google")', f"google{_CLOUD}", _SIGNED
    ),
    Row(4, f"GET {_ID}", "agents.get", "%coder show", "agent"),
    Row(5, f"GET {_ID}/logs", "logs.list", "%coder logs", "logs"),
    Row(5, f"GET {_ID}/logs?follow (WebSocket)", "logs.follow", "%coder logs -f", "logs_follow"),
    Row(6, f"GET {_ID}/startup-logs", "logs.startup", "where 5 is missing", "logs"),
    Row(7, f"GET {_ID}/listening-ports", "ports.list", "%coder ports", "listening_ports"),
    Row(8, f"GET {_ID}/containers", "containers.list", "%coder containers", "containers"),
    Row(9, f"GET {_ID}/containers/watch (WebSocket)", "containers.watch", "%coder containers -w", "containers_watch"),
    Row(10, f"POST {_ID}/{_DC}/recreate", "containers.recreate", "%coder recreate", "recreate"),
    Row(11, f"GET {_ID}/watch-metadata (SSE)", "metadata.watch_sse", "where 12 is missing", "metadata"),
    Row(12, f"GET {_ID}/watch-metadata-ws (WebSocket)", "metadata.watch", "%coder metadata", "metadata"),
    Row(13, f"GET {_ID}/pty (WebSocket)", "pty.open", "%coder run", "pty"),
    Row(14, f"GET {_ID}/connection", "connection.agent", "%coder network", "connection"),
    Row(15, "GET workspaceagents/connection", "connection.generic", "%coder network", "connection"),
    Row(16, f"GET {_ID}/coordinate (WebSocket, RPC)", "rpc.coordinate", "%coder network", "coordinate"),
    Row(17, "GET derp-map (WebSocket)", "connection.watch_derp_map", "", "derp_map"),
    Row(18, "GET tailnet (WebSocket, RPC)", "rpc.tailnet", "%coder watch", "tailnet"),
    Row(19, "GET debug/{user}/debug-link", "deployment.debug_link", "%coder debug-link", "debug_link", _OIDC),
    Row(20, f"GET {_ME}/external-auth", "me.external_auth", "%coder auth", "external_auth", _LINKED),
    Row(21, f"GET {_ME}/gitauth", "me.gitauth", "where 20 is missing", "gitauth", _LINKED),
    Row(22, f"GET {_ME}/gitsshkey", "me.git_ssh_key", "%coder sshkey", "gitsshkey", _INSIDE),
    Row(23, f"PATCH {_ME}/app-status", "me.patch_app_status", "%coder app-status", "app_status", _INSIDE),
    Row(24, f"PATCH {_ME}/logs", "me.patch_logs", "%coder say", "agent_logs_patch", _INSIDE),
    Row(25, f"POST {_ME}/log-source", "me.create_log_source", "%coder say --source", "log_source", _INSIDE),
    Row(26, f"GET {_ME}/reinit (SSE)", "me.watch_reinit", "me.on_reinit", "reinit", _CLAIM),
    Row(27, f"GET {_ME}/rpc (WebSocket, RPC)", "rpc.agent", "me.rpc", "me_rpc", _DISTURBS),
)

HEAD = """\
# The 27 endpoints

All are below `/api/v2`. Each has a typed call (`coder.api.…`, and `coder.rpc.…` for what is called over RPC) and, where
a person would use it, a face. The same cases run against the deployment that comes along and, unchanged, against a real
one that is named by `CODER_NB_TEST_URL`, `CODER_NB_TEST_TOKEN`, `CODER_NB_TEST_WORKSPACE` and
`CODER_NB_TEST_AGENT_TOKEN`; the last column says what they cannot show there, and cases on contents of the simulated
fleet are skipped. This page is written by `python -m tests.conformance.endpoints`, which runs them first.

| # | endpoint | typed call | face | cases | on the one that comes along | not shown by a real one |
|---|---|---|---|---|---|---|
"""


def page(passed: Mapping[str, int]) -> str:
    """The page.

    Args:
        passed: how many cases passed, by module.
    """
    lines = ["| " + " | ".join(_cells(row, passed)) + " |" for row in ROWS]
    done = {row.number for row in ROWS if row.subject}
    return HEAD + "\n".join(lines) + f"\n\n{len(done)} of 27.\n"


def _cells(row: Row, passed: Mapping[str, int]) -> tuple[str, ...]:
    number, endpoint = str(row.number), f"`{row.endpoint}`"
    if not row.subject:
        return number, endpoint, "", "", "", "not yet", ""
    face = f"`{row.face}`" if row.face.startswith(("%", "cn.", "me.")) else row.face
    result = f"{passed.get(row.module, 0)} passed"
    return number, endpoint, f"`{row.call}`", face, f"`{row.module}`", result, row.note


class Counting:
    """A pytest plugin that counts what passed and what did not, by module."""

    def __init__(self) -> None:
        self.passed: Counter[str] = Counter()
        self.others: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Counts one case."""
        module = Path(report.nodeid.partition("::")[0]).stem
        if report.passed and report.when == "call":
            self.passed[module] += 1
        elif not report.passed:
            self.others[module] += 1


def main() -> int:
    """Runs the suite and writes the page; leaves the page alone where a case did not pass."""
    counting = Counting()
    # The page's own test compares it with what is there now.
    others = f"--ignore={HERE / 'test_endpoints_page.py'}"
    code = pytest.main(["-q", "-p", "no:cacheprovider", others, str(HERE)], plugins=[counting])
    if code or counting.others:
        print("the page was not written: not every case passed")
        return 1
    PAGE.write_text(page(counting.passed), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
