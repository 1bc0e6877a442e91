"""A model of a disk: what of it a power cut leaves, by the calls that were made.

What a file holds is safe as it was when its last fsync began. A name, or that it is gone, is safe
when its directory was flushed. Of all else a file system may keep what it likes.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .recording import Call, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(eq=False)
class Node:
    """A file or a directory, whatever its names are."""

    is_directory: bool
    content: bytes = b""
    flushed: bytes = b""
    entries: dict[str, Node] = field(default_factory=dict[str, "Node"])
    flushed_entries: dict[str, Node] = field(default_factory=dict[str, "Node"])
    pending: list[dict[str, Node | None]] = field(default_factory=list[dict[str, "Node | None"]])
    """What happened to its names since they were flushed; what one call did is done or not."""

    def change(self, change: dict[str, Node | None]) -> None:
        self.pending.append(change)
        _apply(self.entries, change)

    def flush(self) -> None:
        self.flushed, self.flushed_entries = self.content, dict(self.entries)
        self.pending.clear()


def _apply(entries: dict[str, Node], change: dict[str, Node | None]) -> None:
    for name, node in change.items():
        if node is None:
            entries.pop(name, None)
        else:
            entries[name] = node


@dataclass(frozen=True)
class Cut:
    """What a file system keeps when the power goes, of what it need not keep."""

    names: Callable[[Node], dict[str, Node]]
    content: Callable[[Node], bytes]


def _safe_names(node: Node) -> dict[str, Node]:
    return node.flushed_entries


def _all_names(node: Node) -> dict[str, Node]:
    return node.entries


def _safe(node: Node) -> bytes:
    return node.flushed


def _all(node: Node) -> bytes:
    return node.content


def _torn(node: Node) -> bytes:
    """Keep half of what was not flushed."""
    if node.content == node.flushed:
        return node.flushed
    if node.content.startswith(node.flushed):
        return node.content[: (len(node.flushed) + len(node.content)) // 2]
    return node.content[: len(node.content) // 2]


def _zeros(node: Node) -> bytes:
    """Keep the size, as file systems do that flush it before the content."""
    if node.content == node.flushed:
        return node.flushed
    return node.flushed + bytes(max(0, len(node.content) - len(node.flushed)))


def _by_chance(chance: random.Random) -> Cut:
    def names(node: Node) -> dict[str, Node]:
        entries = dict(node.flushed_entries)
        for change in node.pending:
            if chance.random() < 0.5:
                _apply(entries, change)
        return entries

    def content(node: Node) -> bytes:
        return chance.choice([_safe, _torn, _zeros, _all])(node)

    return Cut(names, content)


BY_CHANCE = "by chance"


def cuts(seed: int) -> dict[str, Cut]:
    """Return the ways in which the power may go."""
    return {
        "only what is promised": Cut(_safe_names, _safe),
        "names without content": Cut(_all_names, _safe),
        "names with half the content": Cut(_all_names, _torn),
        "names with zeros": Cut(_all_names, _zeros),
        "content without names": Cut(_safe_names, _all),
        BY_CHANCE: _by_chance(random.Random(seed)),  # noqa: S311 -- no secret
    }


Image = dict[str, bytes | None]
"""The content of files by their paths; None is a directory."""


class Disk:
    """The directory *root*, as it was when this was made, and as calls have changed it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._fsyncs: dict[int, tuple[Node, bytes]] = {}
        self._tree = Node(is_directory=True)
        if root.is_dir():
            self._read(root, self._tree, {})
        self._parent_has_root = root.is_dir()

    def apply(self, call: Call) -> bool:  # noqa: C901 -- a table of calls
        """Make *call*; tell whether it has changed what a power cut leaves."""
        if call.is_begin:
            return self._begin(call)
        match call.name:
            case "open" | "openat" | "creat":
                return self._open(call)
            case "write" | "pwrite64":
                return self._write(call)
            case "ftruncate":
                return self._truncate(call)
            case "fsync" | "fdatasync":
                return self._flush(call)
            case "rename":
                return self._rename(call.path(0), call.path(1))
            case "renameat" | "renameat2":
                return self._rename(call.path_at(0), call.path_at(2))
            case "link":
                return self._link(call.path(0), call.path(1))
            case "linkat":
                return self._link(call.path_at(0), call.path_at(2))
            case "unlink" | "rmdir":
                return self._change(call.path(0), None)
            case "unlinkat":
                return self._change(call.path_at(0), None)
            case "mkdir":
                return self._change(call.path(0), Node(is_directory=True))
            case "mkdirat":
                return self._change(call.path_at(0), Node(is_directory=True))
            case "sendto":
                return False
            case "mmap":
                is_written = "MAP_SHARED" in call.arguments[3] and "WRITE" in call.arguments[2]
                has_file = "<" in call.arguments[4]
                assert not (is_written and has_file and self._is_ours(call.path(4))), call
                return False
            case _:
                touched = [each for each in call.arguments if "<" in each]
                paths = [
                    Path(text(each.partition("<")[2].rstrip(">")).decode()) for each in touched
                ]
                assert not any(map(self._is_ours, paths)), f"the model does not know {call}"
                return False

    def image(self, cut: Cut) -> Image:
        """Return what *cut* would leave now."""
        return dict(self._leave(self._tree, "", cut))

    def live(self) -> Image:
        """Return what is there as long as the power does not go."""
        return self.image(Cut(_all_names, _all))

    def _leave(self, node: Node, path: str, cut: Cut) -> Iterator[tuple[str, bytes | None]]:
        for name, child in cut.names(node).items():
            below = f"{path}{name}"
            if child.is_directory:
                yield below, None
                yield from self._leave(child, f"{below}/", cut)
            else:
                yield below, cut.content(child)

    def _read(self, directory: Path, node: Node, known: dict[int, Node]) -> None:
        with os.scandir(directory) as entries:
            for entry in entries:
                child = known.setdefault(entry.inode(), Node(entry.is_dir()))
                node.entries[entry.name] = child
                if entry.is_dir():
                    self._read(Path(entry), child, known)
                else:
                    child.content = Path(entry).read_bytes()
                    child.flush()
        node.flush()

    def _is_ours(self, path: Path) -> bool:
        return path == self._root or self._root in path.parents

    def _at(self, path: Path) -> Node | None:
        if not self._is_ours(path):
            return None
        node = self._tree
        for name in path.relative_to(self._root).parts:
            if name not in node.entries:
                return None
            node = node.entries[name]
        return node

    def _change(self, path: Path, node: Node | None) -> bool:
        if path == self._root:
            return True
        if parent := self._at(path.parent):
            parent.change({path.name: node})
        return parent is not None

    def _begin(self, call: Call) -> bool:
        if call.name in ("fsync", "fdatasync") and (node := self._at(call.path(0))):
            self._fsyncs[call.number] = node, node.content
        return False

    def _flush(self, call: Call) -> bool:
        if call.number not in self._fsyncs:
            return False
        node, content = self._fsyncs.pop(call.number)
        if node.is_directory:
            node.flush()
        else:
            node.flushed = content
        return True

    def _open(self, call: Call) -> bool:
        flags = call.arguments[2 if call.name == "openat" else 1]
        if not self._is_ours(call.opened) or "O_TMPFILE" in flags:
            return False
        node = self._at(call.opened)
        if node is None and "O_CREAT" in flags:
            return self._change(call.opened, Node(is_directory=False))
        if node and "O_TRUNC" in flags:
            node.content = b""
            return True
        return False

    def _write(self, call: Call) -> bool:
        if "<" not in call.arguments[0] or (node := self._at(call.path(0))) is None:
            return False
        written = text(call.arguments[1])[: int(call.result)]
        offset = int(call.arguments[3]) if call.name == "pwrite64" else len(node.content)
        before = node.content[:offset].ljust(offset, b"\0")
        node.content = before + written + node.content[offset + len(written) :]
        return True

    def _truncate(self, call: Call) -> bool:
        if node := self._at(call.path(0)):
            size = int(call.arguments[1])
            node.content = node.content[:size].ljust(size, b"\0")
        return node is not None

    def _rename(self, old: Path, new: Path) -> bool:
        node = self._at(old)
        if node is None:
            return False
        assert self._is_ours(new)
        parent, target = self._at(old.parent), self._at(new.parent)
        assert parent
        assert target
        if parent is target:
            parent.change({old.name: None, new.name: node})
        else:
            parent.change({old.name: None})
            target.change({new.name: node})
        return True

    def _link(self, old: Path, new: Path) -> bool:
        node = self._at(old)
        return node is not None and self._change(new, node)


def materialise(image: Image, directory: Path) -> None:
    """Make *image* a real directory."""
    directory.mkdir()
    for path, content in image.items():
        if content is None:
            (directory / path).mkdir()
        else:
            (directory / path).write_bytes(content)
