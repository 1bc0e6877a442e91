"""When something was said last of each cluster, or that it is gone: from the history.

What is said of a cluster stands in statements of their own (memberships, figures, labellings), so a
change of any of these that names it counts as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from graph.history.entries import read
from graph.namespaces import ID

if TYPE_CHECKING:
    from graph.history.reading import History

CLUSTER = f"{ID}cluster/"

_NAMED = re.compile(re.escape(CLUSTER).encode() + rb'[^>"\\]*')


class Told(NamedTuple):
    """What is known of a cluster."""

    time: str
    is_gone: bool


class _Log:
    """What the entries of one history say, up to some number."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.read_to = 0
        self.clusters: dict[str, Told] = {}

    def take(self, line: bytes) -> None:
        named = {each.decode() for each in _NAMED.findall(line)}
        if not named:
            return
        entry = read(line)
        if entry.thing in named:
            self.clusters[entry.thing] = Told(entry.time, entry.kind == "delete")
        for each in named & self.clusters.keys():
            self.clusters[each] = Told(entry.time, self.clusters[each].is_gone)


_LOGS: list[_Log] = []
"""The one that was read last, to be read on: a process has one generation after the other."""


def clusters_told(history: History) -> dict[str, Told]:
    """Return what *history* says of each cluster that it has ever known, by their IRIs."""
    log = next((each for each in _LOGS if each.name == history.name), None)
    if log is None or log.read_to > history.size:
        log = _Log(history.name)
        _LOGS[:] = [log]
    for _, line in history.lines(log.read_to):
        log.take(line)
    log.read_to = history.size
    return dict(log.clusters)
