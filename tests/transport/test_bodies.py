"""Bodies that are too large, never end, are cut off or compressed: a clear error each, and bounded memory."""

from __future__ import annotations

import contextlib
import gzip
import socket
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest

from coder_nb.credentials import Secret
from coder_nb.credentials.seen import mask
from coder_nb.errors import ProtocolError, ServerError, TransportError
from coder_nb.transport.http import Http, Limits
from tests.transport.conftest import Serve
from tests.transport.hostile import Request, Script, answer, json_answer

MIB = 1024 * 1024
SMALL = Limits(answer=MIB, retries=0)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
COMPRESSION = "changes its answers"


@contextlib.contextmanager
def memory_below(most: int) -> Iterator[None]:
    """Fails when more bytes than this were held at any time inside."""
    # Other tests of this process have made a thousand secrets: what hides them is made here, not while it is measured.
    mask("")
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most


class Endless:
    """A script that sends a head and then the same piece until the client has had enough.

    Attributes:
        sent: bytes the network took of it.
    """

    def __init__(self, head: bytes, piece: bytes) -> None:
        self.head, self.piece, self.sent = head, piece, 0

    def __call__(self, sock: socket.socket, request: Request) -> None:
        """Send for as long as it is read, but no more than 200 MiB."""
        sock.sendall(self.head)
        while self.sent < 200 * MIB:
            sock.sendall(self.piece)
            self.sent += len(self.piece)


def raw(data: bytes) -> Script:
    """Sends these bytes, then ends the connection."""

    def script(sock: socket.socket, request: Request) -> None:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_RDWR)

    return script


PIECE = b"10000\r\n" + b" " * 65536 + b"\r\n"


@pytest.mark.parametrize(
    "endless",
    [
        Endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", PIECE),
        Endless(HEAD + b"Connection: close\r\n\r\n", b" " * 65536),
        Endless(HEAD + b"Content-Length: 209715200\r\n\r\n", b" " * 65536),
    ],
    ids=["chunked", "until closed", "announced"],
)
def test_an_answer_without_end_is_refused(serve: Serve, token: Secret, endless: Endless) -> None:
    """However it is framed, no more than the limit is taken in, and one that announces more is not read at all."""
    http = Http(serve(endless).url, token, limits=SMALL)
    with memory_below(4 * MIB), pytest.raises(ProtocolError, match="answered with more than 1 MiB") as raised:
        http.request("GET", "/workspaces")
    http.close()
    assert "Limits(answer=…)" in raised.value.hint
    assert endless.sent < 20 * MIB


def test_an_answer_that_announces_too_much_is_not_waited_for(serve: Serve, token: Secret) -> None:
    """Its length alone is enough to refuse it, before a byte of it has come."""
    server = serve(lambda sock, request: sock.sendall(HEAD + b"Content-Length: 209715200\r\n\r\n"))
    with pytest.raises(ProtocolError, match="more than 1 MiB"):
        Http(server.url, token, limits=Limits(answer=MIB, read=0.2)).request("GET", "/workspaces")


def test_an_answer_just_within_the_limit_is_taken(serve: Serve, token: Secret) -> None:
    """The limit is the largest size that is allowed."""
    server = serve(answer(b" " * MIB), answer(b" " * (MIB + 1)))
    http = Http(server.url, token, limits=SMALL)
    assert len(http.request("GET", "/x").body) == MIB
    with pytest.raises(ProtocolError):
        http.request("GET", "/x")


def test_of_an_error_page_only_the_beginning_is_read(serve: Serve, token: Secret) -> None:
    """50 MB of it cost no more than 64 KiB, and the error is still the status's own."""
    endless = Endless(b"HTTP/1.1 500 No\r\nContent-Type: text/html\r\nContent-Length: 52428800\r\n\r\n", b"x" * 65536)
    http = Http(serve(endless).url, token, limits=SMALL)
    with memory_below(2 * MIB), pytest.raises(ServerError, match="Internal Server Error"):
        http.request("GET", "/users/me")
    http.close()
    assert endless.sent < 20 * MIB


def test_of_a_web_page_only_the_beginning_is_read(serve: Serve, token: Secret) -> None:
    """An endless 200 in HTML is refused for its type, not for its size."""
    endless = Endless(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"x" * 65536)
    http = Http(serve(endless).url, token, limits=SMALL)
    with pytest.raises(ProtocolError, match="a web page instead of JSON"):
        http.request("GET", "/users/me")
    http.close()
    assert endless.sent < 20 * MIB


def test_after_a_cut_page_the_next_call_is_answered_right(serve: Serve, token: Secret) -> None:
    """The rest of the page is not taken for the next answer."""
    page = answer(b"x" * 200_000, status="404 Not Found", kind="text/html")
    server = serve(page, json_answer('"right"'))
    http = Http(server.url, token)
    with pytest.raises(Exception, match="404"):
        http.request("GET", "/a")
    assert http.request("GET", "/b").body == b'"right"'
    assert server.connections == 2


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "x-gzip", "identity, gzip"])
def test_compression_nobody_asked_for_is_undone(serve: Serve, token: Secret, encoding: str) -> None:
    """Something between here and the server may compress all the same."""
    packed = zlib.compress(b'"text"') if encoding == "deflate" else gzip.compress(b'"text"')
    server = serve(answer(packed, Content_Encoding=encoding))
    assert Http(server.url, token).request("GET", "/x").body == b'"text"'


def test_a_gzip_bomb_is_refused(serve: Serve, token: Secret) -> None:
    """The limit counts what comes out: 256 MiB packed into a quarter of one never exist."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    zeros = bytes(MIB)
    bomb = b"".join(packer.compress(zeros) for _ in range(256)) + packer.flush()
    server = serve(answer(bomb, Content_Encoding="gzip"))
    http = Http(server.url, token, limits=SMALL)
    with memory_below(6 * MIB), pytest.raises(ProtocolError, match="more than 1 MiB"):
        http.request("GET", "/x")


def test_a_gzip_bomb_as_an_error_is_cut(serve: Serve, token: Secret) -> None:
    """The error is told, and no more than its beginning unpacked."""
    server = serve(answer(gzip.compress(bytes(50 * MIB)), status="500 No", kind="text/plain", Content_Encoding="gzip"))
    http = Http(server.url, token, limits=SMALL)
    with memory_below(3 * MIB), pytest.raises(ServerError):
        http.request("GET", "/x")


@pytest.mark.parametrize(
    ("body", "encoding", "words"),
    [
        (b"not gzip", "gzip", "damaged"),
        (gzip.compress(b'"a long enough text"')[:-9], "gzip", "ends too early"),
        (b"anything", "br", "a compression that was not asked for"),
        (b"anything", "gzip, gzip", "a compression that was not asked for"),
    ],
    ids=["damaged", "cut off", "unknown", "twice"],
)
def test_what_cannot_be_unpacked_is_refused(
    serve: Serve, token: Secret, body: bytes, encoding: str, words: str
) -> None:
    """Damaged, cut off, or compressed in a way that is not known."""
    server = serve(answer(body, Content_Encoding=encoding))
    with pytest.raises(ProtocolError, match=words) as raised:
        Http(server.url, token).request("GET", "/x")
    assert COMPRESSION in raised.value.hint


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b'Content-Length: 100\r\n\r\n{"a":',
        HEAD + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n',
        HEAD + b'Transfer-Encoding: chunked\r\n\r\n50\r\n{"a":',
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        HEAD + b"Content-Length: 2\r\n\r\n",
    ],
)
def test_a_body_that_breaks_off_is_not_an_answer(serve: Serve, token: Secret, data: bytes) -> None:
    """Less than was announced, or chunks without an end, are a dropped connection."""
    with pytest.raises(TransportError, match="broke off") as raised:
        Http(serve(raw(data)).url, token).request("GET", "/x")
    assert raised.value.hint == "try again"


def test_more_than_was_announced_does_not_reach_the_next_answer(serve: Serve, token: Secret) -> None:
    """What follows an answer on its connection is dropped with it."""

    def more(sock: socket.socket, request: Request) -> None:
        sock.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}" + HEAD + b'Content-Length: 6\r\n\r\n"evil"')

    server = serve(more, json_answer('"right"'))
    http = Http(server.url, token)
    assert http.request("GET", "/a").body == b"{}"
    assert http.request("GET", "/b").body == b'"right"'


def test_a_length_that_is_no_number_does_not_hang(serve: Serve, token: Secret) -> None:
    """The body then ends with the connection."""
    server = serve(raw(HEAD + b"Content-Length: many\r\n\r\n{}"))
    assert Http(server.url, token, limits=SMALL).request("GET", "/x").body == b"{}"
