"""The commands and numbers of the guide to the map and the network are what it says they are."""

from __future__ import annotations

import csv
import io
import shlex
import subprocess
from typing import TYPE_CHECKING

import httpx2
import pytest

from graph.publishing.pictures import network, paths, png, relations
from graph.publishing.pictures.network_choice import PARAMETERS
from graph.publishing.pictures.relations import RELATIONS
from graph.publishing.pictures.text import WIDER

from .test_examples import PROJECT, blocks

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = "map-and-network.md"
TEXT = (PROJECT / "docs" / "guides" / GUIDE).read_text(encoding="utf-8")
DECISION = PROJECT / "docs" / "decisions" / "0013-pictures-are-drawn-on-the-server.md"


def run(name: str, endpoint: str, folder: Path) -> str:
    (text,) = [text for page, found, text in blocks("run") if (page.name, found) == (GUIDE, name)]
    words = shlex.split(text.replace("http://127.0.0.1:8000", endpoint))
    assert words[0] == "curl"
    return subprocess.run(words, check=True, capture_output=True, text=True, cwd=folder).stdout


def test_a_way_is_a_table(endpoint: str, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("way", endpoint, tmp_path))))

    assert (rows[0]["one_name"], rows[-1]["other_name"]) == ("Autoregion", "Anthony Auert")
    assert {row["hop"] for row in rows} == {"1", "2"}
    assert all(row["printed"] and row["document"] for row in rows)


def test_pictures_are_downloaded(endpoint: str, tmp_path: Path) -> None:
    run("pictures", endpoint, tmp_path)

    assert (tmp_path / "map.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (tmp_path / "network.png").read_bytes().startswith(b"\x89PNG")


def test_the_guide_says_how_much_is_shown() -> None:
    assert f"up to {paths.MOST_PATHS} of them" in TEXT
    assert f"after {paths.MOST_SEEN:,} things" in TEXT
    assert f"room for {network.MOST['large']} things" in TEXT
    assert f"up to {relations.MOST_READ:,} are looked at" in TEXT
    assert f"from {png.LEAST_WIDE} to {png.MOST_WIDE} pixels" in TEXT
    assert pytest.approx(WIDER, abs=0.01) == 1 + 1 / 8
    assert "an eighth more room" in DECISION.read_text(encoding="utf-8")


def test_the_guide_names_every_parameter_and_relation(endpoint: str) -> None:
    for name in (*PARAMETERS, "focus", "asof", *(each.name for each in RELATIONS)):
        assert f"`{name}`" in TEXT
    for path in ("fr/map", "de/network", "embed/map", "embed/network", "fr/map.svg"):
        assert f"`/{path}`" in TEXT
        assert httpx2.get(f"{endpoint}/{path}", timeout=60).status_code == 200
