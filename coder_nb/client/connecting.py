"""From "where, and with what token" to a Coder that has been asked who we are."""

from __future__ import annotations

import os
from collections.abc import Callable

from coder_nb import chance
from coder_nb.client.coder import Coder
from coder_nb.client.recording import REPLAY, Recorder, recorder_at, replay
from coder_nb.credentials import Secret, resolve
from coder_nb.transport.http import Http

__all__ = ["connect"]

DEMO = "demo"


def connect(
    target: str | None = None,
    *,
    token: Secret | str | None = None,
    ca: str | None = None,
    insecure: bool = False,
    ask: Callable[[str], str] | None = None,
    notify: Callable[[str], None] | None = None,
    record: str | None = None,
    tempo: float = 0.0,
) -> Coder:
    """Connects to a deployment and asks it who we are.

    A URL and its token come as a pair, from the first of: the arguments, `CODER_URL` with `CODER_SESSION_TOKEN`, a
    saved profile, the Coder CLI's session. A token is never sent to a deployment other than the one it came with.

    Args:
        target: a URL, the name of a saved profile, "demo" for the deployment that comes with coder_nb, "replay:NAME"
            for a recording, which needs no deployment and no token, or None.
        token: the session token for `target`.
        ca: path of a PEM file with the certificates to trust.
        insecure: accept any certificate.
        ask: asks a person for a token without echo, given the prompt; without it nobody is asked.
        notify: is told what a person waiting should know, such as a rate limit that is being sat out.
        record: records everything, under this name, as `Coder.record` does; None for what CODER_NB_RECORD says, if it
            is set.
        tempo: of a recording: 0 for as fast as can be, 1 as it was, 2 for twice as fast.
    Returns:
        a Coder; its `credentials.source` says where the token came from.
    Raises:
        ConfigurationError: no URL, no token, a token of the wrong kind or of another deployment, no such recording.
        AuthenticationError: the deployment does not take the token.
        TransportError: the deployment cannot be reached.
    Endpoint: GET /users/me
    """
    if target and target.startswith(REPLAY):
        http, credentials, deployment = replay(target.removeprefix(REPLAY), tempo=tempo, notify=notify)
        return _asked(Coder(http, credentials, deployment=deployment), None)
    if target == DEMO:
        # The one place where the client starts the deployment that comes along: as a process, and only when asked to.
        from coder_nb.embedded.launch import join_or_start

        credentials = join_or_start()
    else:
        credentials = resolve(target, token=token, ca=ca, insecure=insecure, ask=ask)
    http = Http(credentials.url, credentials.token, ca=credentials.ca, insecure=credentials.insecure, notify=notify)
    coder = Coder(http, credentials, deployment=DEMO if target == DEMO else None)
    chance.return_to_present()
    name = record or os.environ.get("CODER_NB_RECORD")
    return _asked(coder, recorder_at(name, stays=not record) if name else None)


def _asked(coder: Coder, recorder: Recorder | None) -> Coder:
    """A connection that knows who we are; recorded from the first question on where that is wished."""
    try:
        if recorder is not None:
            coder.record_with(recorder)
        coder.user()
    except BaseException:
        coder.recorder = None
        coder.close()
        if recorder is not None:
            recorder.forsake()
        raise
    return coder
