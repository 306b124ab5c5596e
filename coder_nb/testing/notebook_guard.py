"""A notebook cell whose execution failed is a failed test, also when the kernel published no error for it.

nbval reads only what a cell publishes; IPython's UsageError (an unknown magic, a flag the magic does not have) prints
a line and fails the execution, so nbval passes the cell. Here the kernel's own reply decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest


def is_cell(item: pytest.Item) -> bool:
    """Whether this test is a notebook cell of nbval's, of whatever version; never imports nbval."""
    return any(cls.__name__ == "IPyNbCell" and cls.__module__.startswith("nbval") for cls in type(item).__mro__)


@contextmanager
def listening(item: pytest.Item) -> Iterator[list[Mapping[str, Any]]]:
    """Collect the execute replies the cell's kernel sends while inside.

    Args:
        item: a cell, as `is_cell` says.

    Yields:
        A list that grows by the content of each reply.
    """
    replies: list[Mapping[str, Any]] = []
    client = getattr(getattr(item.parent, "kernel", None), "kc", None)
    if client is None:  # a dead kernel, or an nbval of another build: judge() tells them apart
        yield replies
        return
    receive = client.get_shell_msg

    def get_shell_msg(*args: Any, **kwargs: Any) -> Any:
        message = receive(*args, **kwargs)
        if message["msg_type"] == "execute_reply":
            replies.append(message["content"])
        return message

    client.get_shell_msg = get_shell_msg
    try:
        yield replies
    finally:
        del client.get_shell_msg


def judge(item: Any, replies: list[Mapping[str, Any]]) -> None:
    """Fail a cell that nbval let pass although its execution failed.

    Args:
        item: the cell.
        replies: what `listening` collected.

    Raises:
        NbCellError: nbval's own error, so that the report looks like its other ones.
        RuntimeError: the cell passed and no reply was seen, so nothing can be said about it.
    """
    if not replies:
        raise RuntimeError(
            "coder_nb saw no reply of this cell's kernel: this nbval is built differently. "
            "hint: pip install 'nbval>=0.11,<0.12', or pytest -o coder_nbval_guard=false"
        )
    failed = [reply for reply in replies if reply["status"] != "ok"]
    if failed and not item.options["check_exception"]:
        reply = failed[0]
        what = f"{reply.get('ename', reply['status'])}: {reply.get('evalue', '')}"
        item.raise_cell_error(f"Cell execution failed: {what}", "\n".join(reply.get("traceback", [])))
