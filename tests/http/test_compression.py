"""Answers travel compressed where the client takes it, and are the same then."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import brotli  # pyright: ignore[reportMissingTypeStubs] -- it has none
import httpx2
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from server.compression import (
    ENCODERS,
    MIN_BYTES,
    PIECE_BYTES,
    choose_coding,
    compressed,
    compressed_pieces,
)

from .conftest import Serve, Server

DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,  # pyright: ignore[reportUnknownMemberType] -- the same
    "zstd": lambda content: zstandard.ZstdDecompressor().decompressobj().decompress(content),
}
LONG = "SELECT ?a ?b { VALUES ?a { %s } VALUES ?b { %s } }" % ((" ".join(map(str, range(60))),) * 2)
VERY_LONG = LONG.replace("}", f"}} VALUES ?c {{ {' '.join(map(str, range(70)))} }} ", 1)


@pytest.mark.parametrize(
    ("accept_encoding", "size", "coding"),
    [
        ("", None, None),
        ("gzip", None, "gzip"),
        ("gzip, deflate, br, zstd", None, "zstd"),
        ("gzip, deflate, br", None, "br"),
        ("GZIP;q=1.0, br;q=0.9", None, "gzip"),
        ("x-gzip", None, "gzip"),
        ("gzip;q=0", None, None),
        ("deflate", None, None),
        ("*", None, None),
        ("identity, gzip;q=0.5", None, None),
        ("identity;q=0.5, gzip", None, "gzip"),
        ("gzip", MIN_BYTES - 1, None),
        ("gzip", MIN_BYTES, "gzip"),
        ("gzip, identity;q=0", 1, "gzip"),
        ("gzip, *;q=0", 1, "gzip"),
        ("identity;q=0", None, None),
        ("gzip;q=3", None, None),
        (",;=,", None, None),
    ],
)
def test_a_coding_is_chosen(accept_encoding: str, size: int | None, coding: str | None) -> None:
    assert choose_coding(accept_encoding, size) == coding


@given(st.text(), st.none() | st.integers(0, 10**7))
def test_any_header_is_read(accept_encoding: str, size: int | None) -> None:
    assert choose_coding(accept_encoding, size) in {None, *ENCODERS}


@pytest.mark.parametrize("coding", ENCODERS)
@pytest.mark.parametrize("sizes", [[], [1], [1, 0, 300_000], [PIECE_BYTES] * 3, [2_000_000]])
def test_what_is_decoded_is_what_was_encoded(coding: str, sizes: list[int]) -> None:
    pieces = [bytes(range(256)) * (size // 256) + b"x" * (size % 256) for size in sizes]

    async def work() -> tuple[bytes, bytes]:
        async def source() -> AsyncIterator[bytes]:
            for piece in pieces:
                yield piece

        streamed = b"".join([piece async for piece in compressed_pieces(source(), coding)])
        return streamed, await compressed(b"".join(pieces), coding)

    for content in asyncio.run(work()):
        assert DECODERS[coding](content) == b"".join(pieces)


@pytest.mark.parametrize("coding", ENCODERS)
def test_every_piece_can_be_decoded_before_the_next_one_is_there(coding: str) -> None:
    encoder = ENCODERS[coding]()
    decoders: dict[str, Callable[[], Any]] = {
        "gzip": lambda: zlib.decompressobj(31).decompress,
        "br": lambda: brotli.Decompressor().process,  # pyright: ignore[reportUnknownMemberType, reportUnknownLambdaType] -- no stubs
        "zstd": lambda: zstandard.ZstdDecompressor().decompressobj().decompress,
    }
    decode = decoders[coding]()
    for piece in (b"one", b"two" * 50_000, b"three"):
        content = decode(encoder.encode(piece))
        while more := decode(b""):  # brotli gives out what it has a buffer at a time
            content += more
        assert content == piece


def raw(server: Server, text: str, coding: str | None, **more: str) -> httpx2.Response:
    headers = {"Accept": "text/csv", "Accept-Encoding": coding or "identity", **more}
    with httpx2.stream("GET", server.sparql, params={"query": text}, headers=headers) as response:
        content = b"".join(response.iter_raw())
    return httpx2.Response(
        response.status_code,
        headers={k: v for k, v in response.headers.items() if k != "content-encoding"}
        | {"x-coding": response.headers.get("content-encoding", "")},
        content=content,
    )


@pytest.mark.parametrize("coding", ENCODERS)
@pytest.mark.parametrize("text", [LONG, VERY_LONG], ids=["whole", "streamed"])
def test_an_answer_is_compressed_once(server: Server, coding: str, text: str) -> None:
    plain = raw(server, text, None)
    assert plain.headers["x-coding"] == ""
    for _ in range(2):  # from the engine, and from the cache
        coded = raw(server, text, coding)
        assert coded.headers["x-coding"] == coding
        assert coded.headers["vary"] == "Accept, Accept-Encoding"
        assert len(coded.content) < len(plain.content) / 3
        assert DECODERS[coding](coded.content) == plain.content
        assert coded.headers["etag"] == plain.headers["etag"]
    known = raw(server, text, coding, **{"If-None-Match": plain.headers["etag"]})
    assert (known.status_code, known.content, known.headers["x-coding"]) == (304, b"", "")


def test_a_broken_transfer_stays_broken(serve: Serve, small_store: Path) -> None:
    endless = LONG.replace("}", f"}} VALUES (?c ?d) {{ {'(1 2) ' * 3000} }} ", 1)
    with serve(small_store, "--readers", 1, "--timeout", 2) as server:
        for coding in ENCODERS:
            with pytest.raises(httpx2.RemoteProtocolError):
                raw(server, endless, coding)


def test_short_answers_and_problems_go_as_they_are(server: Server) -> None:
    for text in ("ASK {}", "ASK {"):
        response = raw(server, text, "gzip")
        assert response.headers["x-coding"] == ""
        assert int(response.headers["content-length"]) == len(response.content)
