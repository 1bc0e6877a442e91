"""What is known of a generation, and the two files that say it: the pointer, and its own record."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from graph.errors import StoreUnusable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT = 2
KEPT_GENERATIONS = 3

SET_ASIDE = "damaged-"
"""What the names of damaged generations begin with that were set aside."""

_BUILD_AGAIN = "build the store again with 'metapole build'"


class StoredFile(NamedTuple):
    """One file of a generation."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Generation:
    """One immutable state of the store."""

    number: int
    path: Path
    quads: int
    """How many quads it holds, the union graph not counted."""
    digest: str
    """Of the names, sizes and contents of its files."""
    built_from: str = ""
    graphs: Mapping[str, int] | None = field(default=None, hash=False)
    """How many triples each named graph holds, the union graph left out; 0 is an empty graph.

    None where nobody counted them; a generation that was published has them counted.
    """
    union_triples: int | None = None
    """How many triples the union graph holds: each once, in whatever graphs it is."""
    commit: int = 0
    """The number of the last commit that it shows."""
    changed: Mapping[str, int] = field(default_factory=dict[str, int], hash=False)
    """In which generation each graph changed last; "" is the store's own default graph."""
    files: Mapping[str, StoredFile] = field(default_factory=dict[str, StoredFile], hash=False)
    built: str = ""
    """When it was made (xsd:dateTime, UTC)."""
    rules: str = ""
    """The digest of the rules that its derived graph follows from."""
    shipped: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    """The digests of the graphs that came with a release, as they were when they came."""
    store_id: str = ""
    """The same for all generations of a store, and for no other store: each counts from 1."""
    history: str = ""
    """What the history of the store is called that it shows; "" for none."""
    entries: int = 0
    """How many entries of it."""

    @property
    def default_triples(self) -> int | None:
        """How many triples the store's own default graph holds."""
        return None if self.graphs is None else self.quads - sum(self.graphs.values())


def current_generation(store: Path) -> Generation | None:
    """Return the current generation of *store*, or None when nothing was built there yet."""
    return _read(store, pointer_path(store))


def kept_generations(store: Path) -> list[Generation]:
    """Return the generations that *store* has kept and that can be read, the newest last."""
    found: list[Generation] = []
    for path in sorted(generations_directory(store).glob("[0-9]*.json")):
        try:
            generation = _read(store, path)
        except StoreUnusable:
            continue
        if generation:
            found.append(generation)
    return found


def kept_generation(store: Path, number: int) -> Generation | None:
    """Return the generation *number* of *store* if it is kept and can be read."""
    try:
        return _read(store, record_path(store, number))
    except StoreUnusable:
        return None


def newest_generation(store: Path) -> Generation | None:
    """Return what there is to go on from: the current generation, or the last one that is whole.

    StoreUnusable only when a newer version of metapole made the store.
    """
    try:
        current = current_generation(store)
    except StoreUnusable:
        if format_of(store) > FORMAT:
            raise
        current = None
    return current or max(kept_generations(store), key=lambda kept: kept.number, default=None)


def format_of(store: Path) -> int:
    """Return the format that the pointer of *store* says it has; 0 where it cannot be read."""
    try:
        return int(json.loads(pointer_path(store).read_text(encoding="utf-8"))["format"])
    except (OSError, ValueError, TypeError, KeyError):
        return 0


def pointer_path(store: Path) -> Path:
    """Return where *store* says which generation is current."""
    return store / "current.json"


def pointed_number(store: Path) -> int | None:
    """Return the number of the generation that the pointer names, whether or not it is there.

    None where the pointer is not as the record of that generation: then one of them is damaged.
    """
    try:
        pointer = pointer_path(store).read_bytes()
        number = int(json.loads(pointer)["generation"])
        record = record_path(store, number)
        aside = record.with_name(f"{SET_ASIDE}{record.name}")
        said = (aside if aside.exists() else record).read_bytes()
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return number if said == pointer else None


def generations_directory(store: Path) -> Path:
    """Return where the generations of *store* are."""
    return store / "generations"


def generation_path(store: Path, number: int) -> Path:
    """Return the directory of one generation."""
    return generations_directory(store) / f"{number:06d}"


def record_path(store: Path, number: int) -> Path:
    """Return where *store* says what one generation is, current or not."""
    return generations_directory(store) / f"{number:06d}.json"


def record_text(generation: Generation) -> str:
    """Return what there is to write down of *generation*."""
    return json.dumps(
        {
            "format": FORMAT,
            "generation": generation.number,
            "commit": generation.commit,
            "quads": generation.quads,
            "graphs": generation.graphs,
            "union_triples": generation.union_triples,
            "changed": generation.changed,
            "digest": generation.digest,
            "files": generation.files,
            "built": generation.built,
            "built_from": generation.built_from,
            "rules": generation.rules,
            "shipped": generation.shipped,
            "store_id": generation.store_id,
            "history": generation.history,
            "entries": generation.entries,
        }
    )


def generation_from(store: Path, record: dict[str, Any]) -> Generation:
    """Return the generation of *store* that *record* tells of, as it is in `record_text`."""
    number = int(record["generation"])
    return Generation(
        number,
        generation_path(store, number),
        quads=int(record["quads"]),
        digest=str(record["digest"]),
        built_from=str(record["built_from"]),
        graphs=_numbers(record["graphs"]),
        union_triples=int(record["union_triples"]),
        commit=int(record["commit"]),
        changed=_numbers(record["changed"]),
        files={
            str(name): StoredFile(int(size), str(sha256))
            for name, (size, sha256) in record["files"].items()
        },
        built=str(record["built"]),
        rules=str(record["rules"]),
        shipped={str(name): str(digest) for name, digest in record["shipped"].items()},
        store_id=str(record.get("store_id", "")),
        history=str(record.get("history", "")),
        entries=int(record.get("entries", 0)),
    )


def _read(store: Path, path: Path) -> Generation | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreUnusable(f"{path}: cannot be read ({error.strerror})") from error
    try:
        record = json.loads(content)
        version = int(record["format"])
        generation = generation_from(store, record) if version == FORMAT else None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StoreUnusable(
            f"{path}: damaged ({type(error).__name__}: {error}); remove that file and "
            f"{_BUILD_AGAIN}"
        ) from error
    if generation is None:
        raise StoreUnusable(f"{path}: the store has format {version}, {_other_format(version)}")
    if not generation.path.is_dir():
        raise StoreUnusable(f"{generation.path}: missing, though {path} names it; {_BUILD_AGAIN}")
    return generation


def _other_format(version: int) -> str:
    if version < FORMAT:
        return f"made by a version that only built; {_BUILD_AGAIN}, which loses nothing"
    return (
        f"this version of metapole knows format {FORMAT}; use a newer metapole, or give another "
        "directory with --store"
    )


def _numbers(record: dict[str, Any]) -> dict[str, int]:
    return {str(name): int(number) for name, number in record.items()}
