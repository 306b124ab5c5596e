"""What a shell publishes while coder_nb is loaded, without the secrets seen: results, displays, prints and errors.

In a kernel it is the messages to pages, whoever made them; in a terminal what is displayed. Sources, widgets' own
messages and variables stay as they are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from coder_nb.credentials.seen import Flow, mask

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["Published", "masked"]

_KINDS: Final = frozenset({"display_data", "update_display_data", "execute_result", "error", "execute_reply"})
_OPAQUE: Final = ("image/png", "image/jpeg", "image/gif", "application/pdf", "application/vnd.jupyter.widget-view+json")
"""Types whose data holds no text."""
Send = Callable[..., Any]


class Published:
    """Masks what one shell publishes, until it is removed.

    Args:
        shell: IPython's, with a kernel or without.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        kernel = getattr(shell, "kernel", None)
        self._owner: Any = shell.display_formatter if kernel is None else kernel.session
        self._name = "format" if kernel is None else "send"
        self._original: Send = getattr(self._owner, self._name)
        self._active = True
        self._streams = _Streams()
        self._ours = self._format if kernel is None else self._send
        setattr(self._owner, self._name, self._ours)

    def remove(self) -> None:
        """Gives the place back; where somebody came after us, we only fall silent."""
        self._active = False
        if self._owner.__dict__.get(self._name) == self._ours:
            delattr(self._owner, self._name)

    def _format(self, *args: Any, **kwargs: Any) -> Any:
        made = self._original(*args, **kwargs)
        if not self._active:
            return made
        data, about = made
        return masked(data), about

    def _send(self, stream: Any, message: Any, content: Any = None, *args: Any, **kwargs: Any) -> Any:
        if not self._active:
            return self._original(stream, message, content, *args, **kwargs)
        kind = message if isinstance(message, str) else message["msg_type"]
        said = content if isinstance(message, str) else message["content"]
        if kind == "status" and said.get("execution_state") == "idle":
            for to, part, text in self._streams.rest():
                more = self._owner.msg("stream", {**part["content"], "text": text}, parent=part["parent_header"])
                self._original(to, more)
        elif kind == "stream" and not isinstance(message, str):
            text = self._streams.feed(stream, message)
            if not text and said["text"]:
                return message
            message = {**message, "content": {**said, "text": text}}
        elif kind in _KINDS or kind == "stream":
            said = masked(said)
            message, content = (message, said) if isinstance(message, str) else ({**message, "content": said}, content)
        return self._original(stream, message, content, *args, **kwargs)


class _Streams:
    """Standard output and error, which come in pieces from a thread of their own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flows: dict[str, Flow] = {}
        self._last: dict[str, tuple[Any, dict[str, Any]]] = {}

    def feed(self, stream: Any, message: dict[str, Any]) -> str:
        """What of a piece can be sent by now."""
        name = message["content"]["name"]
        with self._lock:
            self._last[name] = stream, message
            return self._flows.setdefault(name, Flow()).feed(message["content"]["text"])

    def rest(self) -> list[tuple[Any, dict[str, Any], str]]:
        """What was held back, when a cell has ended: where to send it, the message it was part of, and the text."""
        with self._lock:
            found = [(*self._last[name], text) for name, flow in self._flows.items() if (text := flow.rest())]
            self._last.clear()
        return found


def masked(value: Any) -> Any:
    """A structure of JSON with every text in it masked; the same object where there is nothing to mask."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        made = {key: value[key] if key in _OPAQUE else masked(value[key]) for key in value}
        return made if any(made[key] is not value[key] for key in made) else value
    if isinstance(value, list | tuple):
        items = [masked(item) for item in value]
        same = all(item is other for item, other in zip(items, value, strict=True))
        return value if same else items
    return value
