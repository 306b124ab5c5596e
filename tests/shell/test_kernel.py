"""The magic in a real kernel, as JupyterLab drives it: completion, a token asked for without echo, errors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "Abcdefghij-0123456789abcdefghijkl"
WAIT = 60.0
Client = Any  # jupyter_client's blocking client has no types.


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A kernel with the extension loaded, that knows of no deployment."""
    home = tmp_path_factory.mktemp("home")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CODER_")}
    environment |= {"PYTHONPATH": str(ROOT), "HOME": str(home), "IPYTHONDIR": str(home / "ipython")}
    manager, client = start_new_kernel(kernel_name="python3", env=environment)
    client.execute_interactive("%load_ext coder_nb", timeout=WAIT)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(
    client: Client, code: str, *, answer: str | None = None
) -> tuple[dict[str, Any], list[dict[str, Any]], list[Any]]:
    """Runs a cell; gives the reply's content, the outputs, and the questions that were asked."""
    outputs: list[dict[str, Any]] = []
    asked: list[Any] = []

    def reply(message: dict[str, Any]) -> None:
        asked.append(message["content"])
        client.input(answer)

    done = client.execute_interactive(
        code, allow_stdin=answer is not None, stdin_hook=reply, output_hook=outputs.append, timeout=WAIT
    )
    return done["content"], outputs, asked


def test_a_token_is_asked_for_without_echo_and_shown_nowhere(kernel: Client) -> None:
    """The frontend is asked for a password; what was typed is in no output, whatever comes of it."""
    content, outputs, asked = run(kernel, "%coder connect http://127.0.0.1:9", answer=TOKEN)
    assert [question["password"] for question in asked] == [True]
    assert "127.0.0.1:9" in content["evalue"]
    assert content["status"] == "error"
    assert TOKEN not in str(content) + str(outputs)


def test_a_frontend_that_cannot_ask_gets_an_error(kernel: Client) -> None:
    """Nothing waits for an answer that cannot come."""
    content, _, asked = run(kernel, "%coder connect http://127.0.0.1:9")
    assert asked == []
    assert content["ename"] == "ConfigurationError"
    assert "nobody to ask" in content["evalue"]


def test_an_error_is_two_lines_and_the_reply_says_error(kernel: Client) -> None:
    """The cell is marked as failed, by the reply and by an error output."""
    content, outputs, _ = run(kernel, "%coder lgos dev")
    assert (content["status"], content["ename"]) == ("error", "InvalidCommand")
    errors = [each["content"] for each in outputs if each["msg_type"] == "error"]
    assert [line.partition(":")[0] for line in errors[0]["traceback"]] == ["InvalidCommand", "hint"]


@pytest.mark.parametrize(("ending", "shown"), [("", 1), (";", 0)])
def test_a_final_semicolon_shows_nothing(ending: str, shown: int, kernel: Client) -> None:
    """No result is sent, and the assignment is made all the same."""
    _, outputs, _ = run(kernel, f"%coder help logs{ending}")
    results = [each["content"]["data"] for each in outputs if each["msg_type"] == "execute_result"]
    assert len(results) == shown
    assert all({"text/plain", "text/html"} <= set(data) for data in results)
    content, _, _ = run(kernel, f"page = %coder help logs{ending}\nassert 'level' in repr(page)")
    assert content["status"] == "ok"


@pytest.mark.parametrize("form", ["%coder ", "x = %coder ", "%%coder "])
def test_every_form_is_completed(form: str, kernel: Client) -> None:
    """What Lab asks on Tab."""
    kernel.complete(form + "lo")
    content = kernel.get_shell_msg(timeout=WAIT)["content"]
    assert content["matches"] == ["logs"]
    assert content["cursor_start"] == len(form)


def test_the_question_mark_opens_the_page(kernel: Client) -> None:
    """`%coder?` goes to Lab's pager."""
    content, _, _ = run(kernel, "%coder?")
    assert "%coder: Coder workspaces from a notebook" in content["payload"][0]["data"]["text/plain"]
