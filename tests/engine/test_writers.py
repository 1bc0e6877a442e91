"""Each kind of document has somebody who writes it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from graph.publishing.writers import WRITERS, writer_of


@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_of_document_has_a_writer(kind: str) -> None:
    assert callable(writer_of(kind))


def test_no_writer_is_loaded_before_it_is_needed() -> None:
    """A reader that starts must not wait for them."""
    script = (
        "import sys, graph.readers.child;"
        "print([each for each in sys.modules if each.startswith('graph.publishing.')])"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert loaded.stdout.decode().strip() == "['graph.publishing.writers']"


def test_all_that_is_loaded_late_has_room_in_the_memory_of_a_reader() -> None:
    """What it takes beyond that would be missing for queries."""
    script = (
        "from graph.readers.child import _LATE_BYTES, _Late;print(_LATE_BYTES - _Late().load())"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert int(loaded.stdout) > 0
