"""Waiting for what a deployment will say soon: it is asked again until it does, or until the time is up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(ask: Callable[[], T], good: Callable[[T], bool], *, seconds: float = 15) -> T:
    """The first answer that is good.

    Raises:
        AssertionError: none was; says the last one.
    """
    end = time.monotonic() + seconds
    while True:
        answer = ask()
        if good(answer):
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s; the last answer: {answer!r}")
        threading.Event().wait(0.05)
