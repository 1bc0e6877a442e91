"""What there is to check a file by: its SHA-256, and the hash of what it says in RDF."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class CanonicalHash:
    """The SHA-256 of canonical N-Quads (RDFC-1.0), or why there is none."""

    value: str | None
    why_not: str = ""

    def values(self) -> dict[str, str]:
        """Return it as plain values."""
        return {"rdfc10": self.value} if self.value else {"no_rdfc10_because": self.why_not}


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a file is known by; one that is not of RDF has no canonical hash."""

    name: str
    size: int
    sha256: str
    canonical: CanonicalHash | None = None


def checksums_text(checksums: Iterable[Checksum]) -> bytes:
    """Return lines that `sha256sum --check` reads."""
    return "".join(f"{each.sha256}  {each.name}\n" for each in checksums).encode()


def checksums_json(checksums: Iterable[Checksum]) -> bytes:
    """Return all that there is to check, as JSON, one file on a line."""
    lines = ",\n".join(json.dumps(_values(each), ensure_ascii=False) for each in checksums)
    return f'{{"files": [\n{lines}\n]}}\n'.encode()


def hashes_json(hashes: Mapping[str, CanonicalHash]) -> bytes:
    """Return the canonical hashes of contents as JSON."""
    return json.dumps({name: found.values() for name, found in hashes.items()}).encode()


def hashes_from_json(text: bytes) -> dict[str, CanonicalHash]:
    """Return what `hashes_json` was given."""
    said: dict[str, dict[str, str]] = json.loads(text)
    return {
        name: CanonicalHash(values.get("rdfc10"), values.get("no_rdfc10_because", ""))
        for name, values in said.items()
    }


def _values(checksum: Checksum) -> dict[str, Any]:
    canonical = checksum.canonical.values() if checksum.canonical else {}
    return {
        "name": checksum.name,
        "bytes": checksum.size,
        "sha256": checksum.sha256,
        **canonical,
    }
