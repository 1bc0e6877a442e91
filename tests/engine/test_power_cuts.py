"""A power cut takes what was not flushed; nothing that was acknowledged is among it.

The disk is watched: every fsync tells what is safe from then on. What a cut would leave at any
moment is built from that, in two ways: names that were not flushed are gone too, or they are there
and their files are empty, as file systems may do either. The engine's own flushes are not seen, so
nothing relies on them.
"""

from __future__ import annotations

import os
import stat
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import pyoxigraph as ox
import pytest

from graph.generations import (
    current_generation,
    kept_generations,
    publish_generation,
    verify_generation,
)
from graph.generations.fallback import find_whole
from graph.writing.writer import Writer
from tests.thoroughness import one_in

from .wishes import UnionOnly, carry_out, fast_directory, insert, quad, statements, wish

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

Names = Literal["lost", "kept"]
FIRST = ("x:s", "x:p", "first", "x:g")
SECOND = ("x:s", "x:p", "second", "x:g")
THIRD = ("x:s", "x:p", "third", "x:g")


class Entry(NamedTuple):
    """A name in a directory."""

    inode: int
    is_directory: bool


class Disk:
    """What of a directory would be there after a power cut."""

    def __init__(self, root: Path, images: Path) -> None:
        self._root = root
        self._images = images
        self._lock = threading.Lock()  # flushes come from several threads
        self._contents: dict[int, bytes] = {}
        self._names: dict[int, dict[str, Entry]] = {}
        self.cuts: list[Path] = []
        """A copy of what each cut so far would have left."""

    def everything_is_safe(self) -> None:
        """Begin with all that is there on disk."""
        for directory, _, files in os.walk(self._root):
            self._see(directory)
            for name in files:
                self._see(Path(directory) / name)

    @contextmanager
    def watched(self) -> Generator[None]:
        """See every flush, and cut the power after each."""
        fsync = os.fsync

        def seen(descriptor: int) -> None:
            fsync(descriptor)
            with self._lock:
                self._flushed(descriptor)
                self.cut("lost")
                self.cut("kept")

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(os, "fsync", seen)
            yield

    def cut(self, names: Names) -> Path:
        """Return a copy of what a power cut leaves now."""
        image = self._images / str(len(self.cuts))
        image.mkdir()
        self._copy(self._root, self._root.stat().st_ino, image, names)
        self.cuts.append(image)
        return image

    def _see(self, path: str | Path) -> None:
        descriptor = os.open(path, os.O_RDONLY)
        self._flushed(descriptor)
        os.close(descriptor)

    def _flushed(self, descriptor: int) -> None:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            self._names[status.st_ino] = _entries(descriptor)
        else:
            path = Path(f"/proc/self/fd/{descriptor}")
            self._contents[status.st_ino] = path.read_bytes()

    def _copy(self, original: Path, number: int, image: Path, names: Names) -> None:
        """Copy the directory with inode *number*, which is or was at *original*."""
        found = _entries(original) if names == "kept" else self._names.get(number, {})
        for name, (inode, is_directory) in found.items():
            if is_directory:
                (image / name).mkdir()
                self._copy(original / name, inode, image / name, names)
            else:
                (image / name).write_bytes(self._contents.get(inode, b""))


def _entries(directory: int | Path) -> dict[str, Entry]:
    with os.scandir(directory) as entries:
        return {each.name: Entry(each.inode(), each.is_dir()) for each in entries}


@pytest.fixture
def root() -> Iterator[Path]:
    with fast_directory() as directory:
        (directory / "root").mkdir()
        yield directory / "root"


@pytest.fixture
def disk(root: Path) -> Disk:
    images = root.with_name("images")
    images.mkdir()
    return Disk(root, images)


def held(image: Path) -> set[str] | None:
    """Return the values that the store has after a restart; None when there is no store."""
    store = image / "store"
    if current_generation(store) is None:
        return None
    writer = Writer(store, carry_out, UnionOnly())
    writer.begin_anew()
    generation = current_generation(store)
    assert generation
    verify_generation(generation)
    assert generation in kept_generations(store)
    found = statements(ox.Store.read_only(str(generation.path)), ["x:g"])["x:g"]
    assert generation.graphs
    assert len(found) == generation.graphs["x:g"]
    return found


def values(*facts: tuple[str, str, str, str]) -> set[str]:
    return {str(quad(each).triple) for each in facts}


def first_build(store: Path) -> None:
    publish_generation(store, [quad(FIRST)])


def later_build(store: Path) -> None:
    publish_generation(store, [quad(SECOND)])


def commits(store: Path) -> None:
    """Make two generations, so that the second shares files with the first."""
    writer = Writer(store, carry_out, UnionOnly())
    for fact in (SECOND, THIRD):
        assert writer.apply(wish(insert(fact)))["added"] == 1
        writer.publish()


@pytest.mark.parametrize(
    ("change", "states"),
    [
        pytest.param(first_build, [None, values(FIRST)], id="first build"),
        pytest.param(later_build, [values(FIRST), values(SECOND)], id="later build"),
        pytest.param(
            commits,
            [values(FIRST), values(FIRST, SECOND), values(FIRST, SECOND, THIRD)],
            id="commits",
        ),
    ],
)
def test_what_is_acknowledged_survives_a_power_cut(
    root: Path, disk: Disk, change: Callable[[Path], None], states: list[set[str] | None]
) -> None:
    store = root / "store"
    if states[0] is not None:
        publish_generation(store, [quad(FIRST)])
    disk.everything_is_safe()
    with disk.watched():
        change(store)
    for images in (disk.cuts[::2], disk.cuts[1::2]):  # names are lost, names are kept
        after = [held(image) for image in one_in(2, images)]
        assert all(state in states for state in after), "nothing is half there"
        reached = [states.index(state) for state in after]
        assert reached == sorted(reached), "nothing that was there is gone again"
    assert held(disk.cut("lost")) == held(disk.cut("kept")) == states[-1]


def test_nobody_has_to_mend_what_a_power_cut_left_of_a_first_build(root: Path, disk: Disk) -> None:
    """Nothing was ever there, so nothing is damaged: the same build can be made again."""
    disk.everything_is_safe()
    with disk.watched():
        first_build(root / "store")
    unfinished = [image / "store" for image in disk.cuts if held(image) is None]
    assert unfinished
    for store in unfinished:
        found = find_whole(store)
        assert found is None or (found.fallback and found.fallback.loses_nothing)
        first_build(store)
        assert held(store.parent) == values(FIRST)


def test_a_second_commit_flushes_only_what_is_new(root: Path) -> None:
    store = root / "store"
    publish_generation(store, [quad(FIRST)])
    commits(store)
    newest = kept_generations(store)[-1]
    before = {path.stat().st_ino for path in kept_generations(store)[-2].path.iterdir()}
    shared = [name for name in newest.files if (newest.path / name).stat().st_ino in before]
    assert any(name.endswith(".sst") for name in shared)
    flushed: set[int] = set()
    fsync = os.fsync

    def seen(descriptor: int) -> None:
        flushed.add(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    writer = Writer(store, carry_out, UnionOnly())
    assert writer.apply(wish(insert(("x:s", "x:p", "fourth", "x:g"))))["added"] == 1
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", seen)
        generation = writer.publish()
    assert generation
    old = {path.stat().st_ino for path in newest.path.glob("*.sst")}
    new = {path.stat().st_ino for path in generation.path.iterdir()}
    assert new & old
    assert not flushed & old
    assert new - old <= flushed
