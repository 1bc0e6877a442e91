"""What is sent, from a stream to files, without a server."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.requests import ClientDisconnect

from graph.errors import EngineUnavailable, UploadTooLarge
from server.protocol import BadProtocolRequest
from server.uploads import MAX_PARTS, TAKEN, Head, checked_head, head_of, spooled

TURTLE = b"<x:s> <x:p> <x:o> .\r\n"
BOUNDARY = "a6fe--4cd"
LIMIT = 100_000


def part(content: bytes, *headers: str) -> bytes:
    head = "".join(f"{header}\r\n" for header in headers)
    return f"--{BOUNDARY}\r\n{head}\r\n".encode() + content + b"\r\n"


def file(name: str, content_type: str | None = None, content: bytes = TURTLE) -> bytes:
    headers = [f'Content-Disposition: form-data; name="file"; filename="{name}"']
    return part(content, *headers, *([f"Content-Type: {content_type}"] if content_type else []))


def body(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def received(
    home: Path, head: Head, content: bytes, *, size: int = 1 << 16, limit: int = LIMIT
) -> list[tuple[str, bytes]]:
    """Return types and contents of what is in the files while they are there; check the digests."""

    async def stream() -> AsyncIterator[bytes]:
        for start in range(0, len(content), size):
            yield content[start : start + size]

    async def receive() -> list[tuple[str, bytes]]:
        async with spooled(stream(), head, home, limit) as parts:
            found = [(each.media_type, each.path.read_bytes()) for each in parts]
            assert [each.digest for each in parts] == [
                hashlib.sha256(each).hexdigest() for _, each in found
            ]
            return found

    try:
        return asyncio.run(receive())
    finally:
        assert not list(home.iterdir())


def multipart(home: Path, content: bytes, size: int = 1 << 16) -> list[tuple[str, bytes]]:
    head = head_of(f"multipart/form-data; boundary={BOUNDARY}", may_have_parts=True)
    return received(home, head, content, size=size)


@pytest.mark.parametrize("media_type", TAKEN)
def test_every_syntax_is_taken(media_type: str) -> None:
    for sent in (media_type, f'{media_type}; charset="UTF-8"', media_type.upper()):
        assert head_of(sent, may_have_parts=False) == Head(media_type)


@pytest.mark.parametrize(
    ("sent", "may_have_parts", "complaint"),
    [
        (None, True, "without Content-Type"),
        ("", True, "without Content-Type"),
        ("turtle", True, "of type turtle"),
        ("text/plain", True, "its 'Content-Type' must be one of text/turtle, application/n-tri"),
        ("application/json", True, "of type application/json"),
        ("application/sparql-update", True, "of type application/sparql-update"),
        ("text/turtle;charset=latin1", True, "in latin1"),
        ("application/n-triples; charset=us-ascii", True, "in us-ascii; SPARQL and RDF are sent"),
        ("multipart/form-data; boundary=x", False, "of type multipart/form-data"),
        ("multipart/mixed; boundary=x", True, "of type multipart/mixed"),
    ],
)
def test_another_type_is_not(sent: str | None, may_have_parts: bool, complaint: str) -> None:
    with pytest.raises(BadProtocolRequest, match=complaint) as raised:
        head_of(sent, may_have_parts=may_have_parts)
    assert raised.value.status == 415


@pytest.mark.parametrize("sent", ["multipart/form-data", "multipart/form-data; boundary=",
                                  f"multipart/form-data; boundary={'x' * 71}"])  # fmt: skip
def test_a_boundary_must_be_told(sent: str) -> None:
    with pytest.raises(BadProtocolRequest, match=r"the boundary has .* say in 'Content-Type'"):
        head_of(sent, may_have_parts=True)


@pytest.mark.parametrize("content", [b"", TURTLE, TURTLE * 4000])
def test_a_body_is_a_file(tmp_path: Path, content: bytes) -> None:
    assert received(tmp_path, Head("text/turtle"), content) == [("text/turtle", content)]


def test_a_body_may_be_longer_than_what_is_written_in_one_go(tmp_path: Path) -> None:
    content = TURTLE * 200_000
    found = received(tmp_path, Head("text/turtle"), content, limit=len(content))
    assert found == [("text/turtle", content)]


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_parts_are_files_however_they_are_cut(tmp_path: Path, size: int) -> None:
    odd = b"\r\n--a6fe-\r\n--" + TURTLE
    content = body(
        file("a.ttl", "text/turtle; charset=utf-8"),
        file("b.NT", content=b""),
        file("c.trig", "application/octet-stream", odd),
        file("d.ttl", "application/rdf+xml", b"<x/>"),
        part(b"{}", "content-type:application/ld+json", "Content-Transfer-Encoding: 8bit"),
    )
    assert multipart(tmp_path, content, size) == [
        ("text/turtle", TURTLE),
        ("application/n-triples", b""),
        ("application/trig", odd),
        ("application/rdf+xml", b"<x/>"),
        ("application/ld+json", b"{}"),
    ]


@pytest.mark.parametrize(
    ("content", "status", "complaint"),
    [
        pytest.param(body(), 400, "no parts; send at least one file", id="no parts"),
        pytest.param(b"", 400, "breaks off in part 1", id="nothing"),
        pytest.param(TURTLE, 400, "not what its 'Content-Type' says", id="no boundary"),
        pytest.param(file("a.ttl") + file("b.ttl"), 400, "breaks off in part 2", id="no end"),
        pytest.param(file("a.ttl")[:-9], 400, "breaks off in part 1", id="end within a part"),
        pytest.param(body(file("a.txt")), 415, "part 1 is without Content-Type; its", id="no type"),
        pytest.param(
            body(file("a.ttl"), file("b.ttl", "text/plain")), 415, "part 2 is of type text/plain",
            id="wrong type",
        ),
        pytest.param(
            body(file("b.ttl", "turtle")), 415, "part 1 is of type turtle", id="type that is none"
        ),
        pytest.param(
            body(file("a.ttl", "text/turtle; charset=utf-16")), 415, "in utf-16", id="charset"
        ),
        pytest.param(
            body(part(b"eA==", "Content-Type: text/turtle", "Content-Transfer-Encoding: base64")),
            415, "part 1 is sent in base64; send it as it is", id="encoded",
        ),
        pytest.param(
            body(part(TURTLE, f"X: {'x' * 10_000}", "Content-Type: text/turtle")), 400,
            "not what its", id="endless header",
        ),
        pytest.param(
            body(*[file("a.ttl")] * (MAX_PARTS + 1)), 400, "more than 100 parts", id="many"
        ),
    ],
)  # fmt: skip
def test_parts_that_are_wrong_are_told(
    tmp_path: Path, content: bytes, status: int, complaint: str
) -> None:
    with pytest.raises(BadProtocolRequest, match=complaint) as raised:
        multipart(tmp_path, content)
    assert raised.value.status == status


def test_what_is_too_long_is_refused_by_what_is_announced() -> None:
    def head(length: str) -> Head:
        headers = {"content-type": "text/turtle", "content-length": length}
        return checked_head(headers, 1000, may_have_parts=False)

    for announced in ("", "1000", "unknown", "-1"):
        assert head(announced) == Head("text/turtle")
    with pytest.raises(UploadTooLarge, match="longer than 1000 bytes"):
        head("1001")


@pytest.mark.parametrize("head", [Head("text/turtle"), Head("multipart/form-data", b"x")])
def test_what_is_too_long_is_refused_as_it_comes(tmp_path: Path, head: Head) -> None:
    with pytest.raises(UploadTooLarge, match="longer than 100000 bytes"):
        received(tmp_path, head, b"\r" * (LIMIT + 1))


def test_nothing_is_left_of_a_client_that_hangs_up(tmp_path: Path) -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield TURTLE
        raise ClientDisconnect

    async def receive() -> None:
        async with spooled(stream(), Head("text/turtle"), tmp_path, LIMIT):
            pytest.fail("it is not complete")

    with pytest.raises(ClientDisconnect):
        asyncio.run(receive())
    assert not list(tmp_path.iterdir())


def test_a_disk_that_takes_nothing_is_not_the_fault_of_the_client(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    async def nothing() -> AsyncIterator[bytes]:
        for piece in list[bytes]():
            yield piece

    async def receive() -> None:
        async with spooled(nothing(), Head("text/turtle"), tmp_path / "file", LIMIT):
            pytest.fail("there is nowhere to keep it")

    with pytest.raises(EngineUnavailable, match=r"could not be kept .*; send it again later"):
        asyncio.run(receive())
