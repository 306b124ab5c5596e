"""A web app of a workspace in the notebook: a frame on a port of this machine. What is in it never comes through here.

No output holds a frame: who opens a stored notebook would be led to whatever listens on their own machine. The page
makes it, sandboxed, once the kernel says that there is something to show.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from coder_nb import look
from coder_nb.widgets.view import View

__all__ = ["WebView", "elsewhere"]

_AWAY = {
    "JUPYTERHUB_API_URL": "this kernel runs in a JupyterHub",
    "CODER_WORKSPACE_NAME": "this kernel runs in a Coder workspace",
    "KUBERNETES_SERVICE_HOST": "this kernel runs in a cluster",
    "SSH_CONNECTION": "this kernel was started over SSH",
}


class WebView(View):
    """A frame.

    Args:
        url: what to show, on this machine.
        title: what it is, for people.
        ended: tells why there is nothing to show any more; "" while there is. Asked when it is woken, by `changed`.
        height: of the frame, in pixels of the page.
    """

    def __init__(self, url: str, *, title: str, ended: Callable[[], str], height: int = 600) -> None:
        self.url, self.height = url, height
        self._ended, self._elsewhere = ended, elsewhere(os.environ)
        self._sent: dict[str, object] = {}
        super().__init__("web", title=title)

    def changed(self) -> None:
        """There may be an end to tell of."""
        if self._ended():
            self.stop()

    def _anew(self) -> None:
        self._sent = {}

    def _batch(self) -> tuple[dict[str, object], Sequence[bytes]] | None:
        why = self._why()
        now: dict[str, object] = {
            "url": self.url,
            "height": self.height,
            "elsewhere": self._elsewhere,
            "state": {"name": "ended" if why else "live", "why": why},
        }
        new = {name: value for name, value in now.items() if self._sent.get(name) != value}
        self._sent = now
        return (new, ()) if new else None

    def _why(self) -> str:
        if self.off:
            return "live views are turned off by CODER_NB_LIVE=0"
        return look.visible(self._ended()) or ("it was stopped" if self._stopped else "")

    def _lines(self) -> list[str]:
        """What a page without the widget says."""
        why = self._why()
        # Nothing of this kernel's surroundings: the same notebook has the same output wherever it runs.
        shows = "shown here while the notebook runs, to a browser on the machine of its kernel"
        return [look.visible(line) for line in (f"{self.title}: {self.url}", f"ended: {why}" if why else shows)]

    def _static_text(self) -> str:
        return "\n".join(self._lines())

    def _static_html(self) -> str:
        first, second = self._lines()
        return f"<div {look.AS_IT_IS}>{look.safe(first)}<br>{look.dim(second)}</div>"


def elsewhere(environ: Mapping[str, str]) -> str:
    """Why a browser is likely on another machine than this process; "" where nothing says so."""
    return next((why for name, why in _AWAY.items() if environ.get(name)), "")
