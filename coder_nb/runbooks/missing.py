"""What stands for a step's value in a dry run, which has none. It shows nothing, and any use of it says what it is."""

from __future__ import annotations

from typing import Any, NoReturn

from coder_nb.errors import RunbookError

__all__ = ["Missing"]


class Missing:
    """The value of a step that was not run.

    Args:
        number, title: of the step.
    """

    attrs: None = None
    """`%coder` looks for it on whatever a command returns."""

    def __init__(self, number: int, title: str) -> None:
        self._step = f"step {number}, {title}"

    def __repr__(self) -> str:
        return f"what {self._step}, would hand on"

    def _ipython_display_(self) -> None:
        """The cell has already said what would be done."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise RunbookError(
            f"{self._step}, was not run, so what it hands on is not there: this is a dry run",
            hint="put what uses it into a step",
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        self._refuse()

    __bool__ = __len__ = __iter__ = __getitem__ = __contains__ = __call__ = _refuse
    __int__ = __float__ = __str__ = __format__ = __add__ = __radd__ = __sub__ = __mul__ = __truediv__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = _refuse
