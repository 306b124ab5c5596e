"""`%coder record`: takes down what is exchanged with a deployment, so that a notebook runs where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.errors import ConfigurationError, Conflict, InvalidCommand
from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import CASSETTE

if TYPE_CHECKING:
    from coder_nb.client.recording import Recorder


@Command(
    "record",
    "record a notebook, for running it without a deployment",
    Section.RUNBOOKS,
    returns="the recording: .path, .closed, .close(), which writes it.",
    arguments=(Argument("name", "what it is called; %coder connect replay:NAME replays it", CASSETTE),),
    flags=(Flag(("--stop",), "end it, and write the cassette"),),
    notes=(
        "Type it before %coder connect: then all is in it that a replay asks for. Of a connection there is, it takes "
        "down what comes from then on.",
        "The cassette is text, in the folder cassettes where there is one, else beside the notebook. Secrets that this "
        "session has seen, and what looks like one, are not in it; look it through before you share it all the same.",
        "It is written by --stop, and when the kernel ends. CODER_NB_RECORD=NAME records each connection of a process.",
    ),
    examples=(
        Example("%coder record disk-usage", "and then %coder connect, and the cells to be recorded"),
        Example("%coder record --stop", "writes disk-usage.cassette; %coder connect replay:disk-usage replays it"),
    ),
)
def record(call: Call, *, name: str | None, stop: bool) -> Recorder | None:
    """Runs `%coder record`."""
    session = call.session
    recording = None if isinstance(session.recording, str) else session.recording
    if stop:
        session.recording = None
        if recording is None or recording.closed:
            raise ConfigurationError("nothing is being recorded", hint=record.usage)
        recording.close()
        return recording
    if name is None:
        if recording is None:
            raise InvalidCommand("record what? It needs a name", hint=record.usage)
        return recording
    if recording is not None and not recording.closed:
        raise Conflict(f"being recorded already: {recording.path.name}", status=409, hint="%coder record --stop")
    begun = session.record(name)
    if begun is None:
        print(f"the next %coder connect is recorded as {name}")
    return begun
