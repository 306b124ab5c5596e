"""perl's relay reads base64 by itself where perl has no module for it, as Debian's smallest has not."""

from __future__ import annotations

import shutil
import subprocess
from importlib.resources import files as resources

import pytest

from coder_nb.remote.tunnel.protocol import ALL, Frame, Frames, Kind, frame
from tests.remote.tunnel.test_protocol import armoured

NONCE = "0123456789abcdef" * 2
PROGRAM = resources("coder_nb.remote.tunnel.programs").joinpath("perl.pl").read_text(encoding="utf-8")
NO_MODULE = 'BEGIN { unshift @INC, sub { die "none here" if $_[1] eq "MIME/Base64.pm" } }\n'


@pytest.mark.skipif(not shutil.which("perl"), reason="no perl here")
@pytest.mark.parametrize("before", ["", NO_MODULE])
def test_every_length_of_every_byte_is_read(before: str) -> None:
    """A ping comes back with what it was sent with."""
    said = [bytes((n + at) % 256 for n in range(at)) for at in range(300)]
    typed = "".join(armoured(frame(Kind.PING, at, data)) for at, data in enumerate(said))
    typed += armoured(frame(Kind.GOODBYE, ALL))
    done = subprocess.run(
        ["perl", "-e", before + PROGRAM, NONCE, "30"], input=typed.encode(), capture_output=True, timeout=60, check=True
    )
    mark, rest = f"\x1eT{NONCE}:perl\x1e".encode(), done.stdout
    assert rest.startswith(mark)
    expected = [Frame(Kind.PONG, at, data) for at, data in enumerate(said)]
    assert list(Frames().feed(rest.removeprefix(mark))) == [*expected, Frame(Kind.GOODBYE, ALL)]
