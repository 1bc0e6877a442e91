"""Make the file with the names of a generation, where there is no server to do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.search.files import IndexFile, Unfinished, serving_file, state_of
from graph.search.index import written_index

if TYPE_CHECKING:
    from graph.generations import Generation


def make_index(generation: Generation) -> IndexFile:
    """Return the file for *generation*, which is made unless it is there; OSError if that fails."""
    store = generation.path.parents[1]
    state = state_of(generation)
    found = serving_file(store, state)
    if found and found.state.entries == state.entries:
        return found
    unfinished = Unfinished(store, state)
    try:
        unfinished.write(written_index(ox.Store.read_only(str(generation.path))))
        return unfinished.finish()
    finally:
        unfinished.close()
