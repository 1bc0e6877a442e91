"""The guide to other servers says what is so."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from graph.fetching import asking, turns
from graph.fetching.allow_file import read_allow_list
from graph.fetching.answers import BLANK_NODES
from graph.limits import FetchLimits

from .test_examples import PROJECT, blocks

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = PROJECT / "docs/guides/federate.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def test_the_file_in_the_guide_can_be_read(tmp_path: Path) -> None:
    (written,) = (text for _, name, text in blocks("remotes") if name == "file")
    (tmp_path / "internal-ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    file = tmp_path / "remotes.toml"
    file.write_text(written)
    wikidata, neighbour, cordis = read_allow_list([], file)
    assert wikidata.limits == dataclasses.replace(FetchLimits(), total_s=60, concurrency=1)
    assert neighbour.is_private
    assert neighbour.certificates.startswith("-----BEGIN")
    assert cordis.covers("https://cordis.europa.eu/data/cordis-h2020projects.csv")


def test_the_numbers_in_the_guide_are_those_of_the_program() -> None:
    assert f"longer than {asking.LONGEST_GET:,} characters" in TEXT
    assert (asking.MOST_REDIRECTS, turns.LONGEST_REST_S) == (3, 5 * 60)
    assert "Redirects are followed three times at most" in TEXT
    assert "left alone until then, for five minutes at most" in TEXT
    assert f"`{BLANK_NODES}`" in TEXT


def test_the_keys_in_the_guide_are_those_of_the_file() -> None:
    keys = re.findall(r"^\| `(\w+)`(?:, `(\w+)`, `(\w+)`)?", TEXT, re.MULTILINE)
    named = {key for row in keys for key in row if key}
    limits = {field.name for field in dataclasses.fields(FetchLimits)}
    assert named - limits == {"name", "url", "kind", "private", "certificates"}
