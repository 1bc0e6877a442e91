"""Which generations are kept: the last few, and those that were current when a day ended."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from graph.errors import StoreUnusable
from graph.generations.files import flush_one
from graph.generations.record import KEPT_GENERATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Policy:
    """How many generations a store keeps; the current one is one of the last."""

    last: int = KEPT_GENERATIONS
    """So many of the last ones."""
    days: int = 0
    """And the one that was current at the end of each of so many days before today (UTC)."""

    def __post_init__(self) -> None:
        """Refuse what would not keep the current generation."""
        if self.last < 1 or self.days < 0:
            raise ValueError(f"{self.last} generations and {self.days} days: give 1, or 0, or more")


def kept_numbers(made: Mapping[int, datetime], policy: Policy, now: datetime) -> frozenset[int]:
    """Return which generations are kept of those that were *made* when, by their numbers."""
    kept = set(sorted(made)[-policy.last :])
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(policy.days):
        end = midnight - timedelta(days=day)
        before = [number for number, time in made.items() if time < end]
        if before:
            kept.add(max(before))
    return frozenset(kept)


def policy_of(store: Path) -> Policy:
    """Return how many generations *store* keeps; StoreUnusable when that cannot be read."""
    path = _path(store)
    try:
        return Policy(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Policy()
    except (OSError, ValueError, TypeError) as error:
        raise StoreUnusable(
            f"{path}: cannot be read ({error}), so nothing is removed; "
            "give --keep-generations and --keep-days to 'metapole serve' once more"
        ) from error


def set_policy(store: Path, policy: Policy) -> None:
    """Have *store* keep so many generations from now on, whoever writes to it."""
    path = _path(store)
    following = path.with_name("keep.json.next")
    following.write_text(f"{json.dumps(asdict(policy))}\n", encoding="utf-8")
    flush_one(following)
    following.replace(path)
    flush_one(store)


def when_made(record: Path) -> datetime:
    """Return when the generation was made that *record* tells of; ValueError when it is damaged."""
    status = record.stat()
    return _when_made(record, status.st_ino, status.st_mtime_ns)


@lru_cache(maxsize=1024)
def _when_made(record: Path, _: int, __: int) -> datetime:
    """Return the time in *record*; what it is known by changes when somebody writes it anew."""
    try:
        return datetime.fromisoformat(json.loads(record.read_text(encoding="utf-8"))["built"])
    except (TypeError, KeyError) as error:
        raise ValueError(f"{record}: does not say when it was made") from error


def _path(store: Path) -> Path:
    return store / "keep.json"
