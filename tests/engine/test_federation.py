"""SERVICE finds what the specification says, whatever is left unasked."""

from __future__ import annotations

from contextlib import closing
from random import Random

import pytest

from graph.errors import UnsupportedFeature
from tests.engine.federated import Endpoints, Native, found_by_us, served
from tests.engine.shapes import Shapes, store

_SHAPES = 20
"""How many queries are made for one set of stores."""

_SEEDS = [*range(4), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(100, 160))]


@pytest.mark.parametrize("seed", _SEEDS)
def test_it_finds_what_the_engine_finds_by_asking_for_everything(seed: int) -> None:
    random = Random(seed)  # noqa: S311 -- no secret
    ours, there, elsewhere = store(random, is_ours=True), store(random), store(random)
    with served({"there": there, "elsewhere": elsewhere}) as urls:
        endpoints = Endpoints({urls["there"]: there, urls["elsewhere"]: elsewhere})
        shapes, compared = Shapes(random, tuple(urls.values()), binds_all=True), 0
        with closing(Native(ours)) as native:
            while compared < _SHAPES:
                text = shapes.query()
                try:
                    found = found_by_us(ours, text, endpoints)
                except UnsupportedFeature:
                    continue
                assert (found.names, found.rows) == native.found(text), text
                compared += 1


@pytest.mark.parametrize("seed", _SEEDS)
def test_to_ask_only_for_what_can_matter_changes_no_answer(seed: int) -> None:
    random = Random(1_000 + seed)  # noqa: S311 -- the same
    ours, there, elsewhere = store(random, is_ours=True), store(random), store(random)
    endpoints = Endpoints({"http://there/sparql": there, "http://elsewhere/sparql": elsewhere})
    shapes, narrowed = Shapes(random, tuple(endpoints.stores)), 0
    for _ in range(2 * _SHAPES):
        text = shapes.query()
        try:
            found = found_by_us(ours, text, endpoints)
        except UnsupportedFeature:
            continue
        narrowed += any(each.keys is not None for each in found.asked)
        assert found.rows == found_by_us(ours, text, endpoints, asks_for_all=True).rows, text
    assert narrowed > _SHAPES // 2
