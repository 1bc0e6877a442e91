"""All attacks together: nobody else had to wait, and nothing was lost."""

import pytest

from .conftest import FINISHED, Scene
from .witness import MOST_MEMORY_MB, P99_S, percentile

pytestmark = pytest.mark.hostile


def test_nobody_else_has_noticed(scene: Scene) -> None:
    samples = [sample for case in FINISHED for sample in case.samples]
    if not samples:
        pytest.skip("no attack was made in this run")
    seconds = [sample.seconds for sample in samples]
    assert percentile(seconds, 0.99) < P99_S
    assert not [sample for sample in samples if sample.fault]
    assert scene.memory.peak_of_all < MOST_MEMORY_MB
    assert scene.server.front == scene.front
    assert "starting it again" not in scene.server.log.read_text()
    assert "Traceback" not in scene.server.log.read_text()
