"""docs/reference/endpoints.md says what is: every call exists, every module has cases, and the page is as written."""

from __future__ import annotations

import re

import pytest

from coder_nb.api import Api
from coder_nb.rpc.dialling import Rpc
from coder_nb.transport.http import Http

from .endpoints import HERE, PAGE, ROWS, Row, page


def test_all_27_are_listed() -> None:
    """None is forgotten, and none is invented."""
    assert {row.number for row in ROWS} == set(range(1, 28))


@pytest.mark.parametrize("row", [row for row in ROWS if row.call], ids=lambda row: row.call)
def test_a_typed_call_is_there_and_names_its_endpoint(row: Row) -> None:
    """Its docstring says which endpoint it calls."""
    http = Http("http://127.0.0.1:1", None)
    resource, verb = row.call.split(".")
    call = getattr(Rpc(http) if resource == "rpc" else getattr(Api(http), resource), verb)
    http.close()
    path = re.sub(r"\{\w+\}", "{}", row.endpoint.split(" ")[1].partition("?")[0])
    assert path in re.sub(r"\{\w+\}", "{}", call.__doc__ or "")
    assert (HERE / f"{row.module}.py").is_file()


def test_the_page_is_the_table(request: pytest.FixtureRequest) -> None:
    """`python -m tests.conformance.endpoints` writes it anew."""
    text = PAGE.read_text(encoding="utf-8")
    counts = {module: int(n) for module, n in re.findall(r"\| `(test_\w+)` \| (\d+) passed \|", text)}
    assert text == page(counts)
    here = {
        item.path.stem: sum(other.path == item.path for other in request.session.items)
        for item in request.session.items
        if item.path.parent == HERE and item.path.stem in counts
    }
    for module, cases in here.items():
        # Fewer where only some were asked for; never more than the page says.
        assert cases <= counts[module], f"{module} has {cases} cases, the page says {counts[module]}"
