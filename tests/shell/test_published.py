"""What a real kernel publishes while coder_nb is loaded: no secret, in whatever kind of output it would stand."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from tests.shell.test_kernel import Client, kernel, run

__all__ = ["kernel"]

TOKEN = f"{uuid4().hex[:10]}-{uuid4().hex[:22]}"


@pytest.fixture(scope="module")
def knowing(kernel: Client) -> Client:
    """The kernel, once it has seen a secret."""
    run(kernel, f"from coder_nb import Secret\nsecret = Secret({TOKEN!r})\ntoken = secret.reveal()")
    return kernel


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ("token", {"execute_result"}),
        ("{'a': [token]}", {"execute_result"}),
        ("print('a', token, 'b')", {"stream"}),
        ("import sys; print(token, file=sys.stderr)", {"stream"}),
        ("from IPython.display import HTML, display, Markdown; display(HTML(f'<b>{token}</b>'))", {"display_data"}),
        ("display({'application/json': {'deep': [token]}, 'text/plain': token}, raw=True)", {"display_data"}),
        ("display(token, display_id='x'); _ = display(token, display_id='x', update=True)",
         {"display_data", "update_display_data"}),
        ("raise ValueError(f'no {token}')", {"error"}),
        ("raise cn.CoderError(f'no {token}', hint=token)", {"error"}),
        ("import base64; print(base64.b64encode(f'me:{token}'.encode()).decode())", {"stream"}),
        ("import pandas as pd; pd.DataFrame({'a': ['x' * 40 + token]})", {"execute_result"}),
        ("!echo $shown", {"stream"}),
    ],
)  # fmt: skip
def test_every_kind_of_output_is_masked(code: str, kinds: set[str], knowing: Client) -> None:
    """And the reply, whose traceback test tools print; what programs work with is exact."""
    before = "import coder_nb as cn, os; os.environ['shown'] = token"
    run(knowing, before)
    content, outputs, _ = run(knowing, code)
    found = {each["msg_type"] for each in outputs} & {"stream", "display_data", "update_display_data",
                                                       "execute_result", "error"}  # fmt: skip
    assert kinds <= found, outputs
    said = json.dumps([content, *(each["content"] for each in outputs if each["msg_type"] != "execute_input")],
                      default=str)  # fmt: skip
    assert TOKEN[:9] not in said
    assert "**" in said
    assert run(knowing, f"assert token == {TOKEN!r}")[0]["status"] == "ok"


def test_output_that_is_flushed_within_a_secret_is_masked(knowing: Client) -> None:
    """Whoever prints it in pieces; and what only began like one is there in full at the end of the cell."""
    code = (
        "import sys\n"
        "for at in range(0, len(token), 7):\n"
        "    sys.stdout.write(token[at : at + 7]); sys.stdout.flush()\n"
        "sys.stdout.write(f' and {token[:8]}'); sys.stdout.flush()"
    )
    _, outputs, _ = run(knowing, code)
    said = "".join(each["content"]["text"] for each in outputs if each["msg_type"] == "stream")
    assert said == f"**** and {TOKEN[:8]}"


def test_pictures_are_left_alone(knowing: Client) -> None:
    """Their data is no text."""
    code = "display({'image/png': 'aGVsbG8=', 'text/plain': 'a picture'}, raw=True)"
    _, outputs, _ = run(knowing, code)
    data = [each["content"]["data"] for each in outputs if each["msg_type"] == "display_data"]
    assert data == [{"image/png": "aGVsbG8=", "text/plain": "a picture"}]


def test_after_unloading_all_is_published_as_it_is(knowing: Client) -> None:
    """Nothing of ours stays in the kernel's way."""
    _, outputs, _ = run(knowing, "%unload_ext coder_nb\nprint(token)")
    assert "".join(each["content"]["text"] for each in outputs if each["msg_type"] == "stream") == f"{TOKEN}\n"
    run(knowing, "%load_ext coder_nb")
    _, outputs, _ = run(knowing, "print(token)")
    assert "".join(each["content"]["text"] for each in outputs if each["msg_type"] == "stream") == "****\n"
