"""A damaged archive is noticed, whatever is wrong with it, and nothing is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import zstandard

from graph.errors import StoreUnusable
from graph.generations import (
    current_generation,
)
from graph.recovery.archive import examine_archive
from graph.recovery.backups import back_up
from graph.recovery.sources import states_in

from .edits import rules_in
from .states import (
    four_generations,
    plan_and_make,
    tell_nobody,
)
from .wishes import fast_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def folder() -> Iterator[Path]:
    with fast_directory() as directory:
        yield directory


@pytest.fixture
def rules(folder: Path) -> Path:
    return rules_in(folder / "rules")


@pytest.fixture
def store(folder: Path, rules: Path) -> Path:
    return four_generations(folder / "store", rules)


# Damaged archives


@pytest.fixture
def archive(store: Path, folder: Path) -> Path:
    return back_up(store, folder / "backup.nq.zst", "archive").path


def text_of(archive: Path) -> bytes:
    with archive.open("rb") as file:
        return zstandard.ZstdDecompressor().stream_reader(file).read()


def packed(archive: Path, text: bytes) -> None:
    archive.write_bytes(zstandard.ZstdCompressor().compress(text))


SPOILED: dict[str, Callable[[bytes], bytes]] = {
    "a quad less": lambda text: text.replace(b"<http://example.org/a> ", b"#", 1),
    "another value": lambda text: text.replace(b'"A"@en', b'"B"@en'),
    "no end": lambda text: text[: text.rindex(b"# end")],
    "half of it": lambda text: text[: len(text) // 2],
    "a quad after the end": lambda text: text + b"<x:a> <x:b> <x:c> .\n",
    "another head": lambda text: text.replace(b'"commit": 4', b'"commit": 5'),
    "no N-Quads": lambda text: text.replace(b"<http://example.org/a> ", b"what? ", 1),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_spoiled_archive_is_noticed_and_nothing_is_restored(
    archive: Path, folder: Path, spoil: Callable[[bytes], bytes]
) -> None:
    text = text_of(archive)
    assert spoil(text) != text
    state = states_in(archive).states[0]
    packed(archive, spoil(text))
    with pytest.raises(StoreUnusable, match="the archive is damaged: "):
        examine_archive(archive, tell_nobody)
    with pytest.raises(StoreUnusable, match="the archive is damaged: "):
        plan_and_make(folder / "new", state)
    assert current_generation(folder / "new") is None


def test_an_archive_is_damaged_by_any_byte(archive: Path) -> None:
    whole = archive.read_bytes()
    assert len(whole) < 10_000
    for place in range(0, len(whole), 7):
        damaged = whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :]
        if _unpacked(damaged) == _unpacked(whole):
            continue  # the bit of a frame's header that has no meaning (RFC 8878, 3.1.1.1.1.3)
        archive.write_bytes(damaged)
        with pytest.raises(StoreUnusable):
            examine_archive(archive, tell_nobody)
    for end in range(0, len(whole) - 4, 101):
        archive.write_bytes(whole[:end])
        with pytest.raises(StoreUnusable):
            examine_archive(archive, tell_nobody)


def _unpacked(content: bytes) -> bytes:
    try:
        with zstandard.ZstdDecompressor().stream_reader(content, read_across_frames=True) as reader:
            return reader.read()
    except zstandard.ZstdError:
        return b""


def test_what_is_no_archive_is_called_so(archive: Path, folder: Path) -> None:
    packed(archive, b"<x:a> <x:b> <x:c> .\n")
    with pytest.raises(StoreUnusable, match="is no archive of metapole"):
        states_in(archive)
    packed(archive, b'# metapole archive {"format": 9}\n')
    with pytest.raises(StoreUnusable, match="has format 9"):
        states_in(archive)
    archive.write_bytes(b"plain text")
    with pytest.raises(StoreUnusable, match="cannot be read"):
        states_in(archive)
    with pytest.raises(StoreUnusable, match="it is not there; name a store"):
        states_in(folder / "nothing")
    (folder / "empty").mkdir()
    with pytest.raises(StoreUnusable, match="no backup is there; name a store"):
        states_in(folder / "empty")
