"""The store directory: immutable generations, and the pointer that says which one is current.

    metapole-store/
        current.json             the pointer, the only truth; replaced in one step
        lock                     held by the one process that writes
        server.lock              held by the one server that answers from it
        generations/000001/      never changed after it appears
        generations/000001.json  what current.json said while this one was current
        scratch/                 where the next generation is made; worth nothing

A generation is a backup of a scratch store, so everything it holds was complete and flushed when
it was made. Readers open a generation; nobody opens what a writer has open.

`record` says what is known of a generation, `files` sees to its files, `publishing` makes a store
the next generation, `bulk` makes one of given quads, `sweeping` removes what nobody needs, `locks`
keeps two processes from doing any of that at the same time.
"""

from graph.generations.bulk import Progress, publish_generation
from graph.generations.files import verify_generation
from graph.generations.locks import Lock, serving, writing
from graph.generations.record import (
    KEPT_GENERATIONS,
    Generation,
    current_generation,
    kept_generations,
    pointer_path,
)
from graph.namespaces import COMMITS_GRAPH, UNION_GRAPH

__all__ = [
    "COMMITS_GRAPH",
    "KEPT_GENERATIONS",
    "UNION_GRAPH",
    "Generation",
    "Lock",
    "Progress",
    "current_generation",
    "kept_generations",
    "pointer_path",
    "publish_generation",
    "serving",
    "verify_generation",
    "writing",
]
