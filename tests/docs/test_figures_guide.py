"""The commands and numbers of the guide to figures, questions and quality are what it says."""

from __future__ import annotations

import csv
import json
import re
import shlex
import subprocess
from typing import TYPE_CHECKING

from graph.publishing.catalogue.library import questions
from graph.publishing.pictures.png import LEAST_WIDE, MOST_WIDE
from graph.publishing.site import answers, checks, coverage, figure_chart, indicators, quality
from graph.publishing.site.observations import MOST_READ

from .test_examples import PROJECT, blocks

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = "figures-and-questions.md"
TEXT = (PROJECT / "docs" / "guides" / GUIDE).read_text(encoding="utf-8")


def run(name: str, endpoint: str, folder: Path | None = None) -> str:
    """Return what the command of that *name* writes."""
    (text,) = [text for page, found, text in blocks("run") if (page.name, found) == (GUIDE, name)]
    words = shlex.split(text.replace("http://127.0.0.1:8000", endpoint))
    assert words[0] == "curl"
    return subprocess.run(words, check=True, capture_output=True, text=True, cwd=folder).stdout


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_figures_of_a_country_are_a_file(endpoint: str) -> None:
    found = {row["figure"].rpartition("/")[2] for row in rows_of(run("figures", endpoint))}

    assert found == {"avia-turnover", "caar-turnover"}  # question V2


def test_a_chart_is_a_picture(endpoint: str, tmp_path: Path) -> None:
    run("chart", endpoint, tmp_path)

    assert (tmp_path / "turnover.png").read_bytes().startswith(b"\x89PNG")


def test_a_question_is_asked_about_a_cluster_and_nonsense_is_refused(endpoint: str) -> None:
    found = {row["specialty"] for row in rows_of(run("question", endpoint))}
    refused = json.loads(run("nonsense", endpoint))

    assert found == {"micro- and nano-technologies", "embedded software"}  # question L1
    assert refused["status"] == 400
    assert "did you mean minalogic" in refused["detail"]


def test_quality_is_a_file(endpoint: str) -> None:
    assert "Cluster" in {
        row["class"].rpartition("#")[2] for row in rows_of(run("quality", endpoint))
    }


def test_the_guide_says_how_much_is_shown() -> None:
    assert f"A page has {indicators.AT_ONCE} figures" in TEXT
    assert f"the first {MOST_READ:,} are read" in TEXT
    assert f"the first {figure_chart.MOST_ROWS} figures" in TEXT
    assert f"`width` from {LEAST_WIDE} to {MOST_WIDE} pixels" in TEXT
    assert f"shows {answers.MOST_ROWS} rows at most" in TEXT
    assert f"up to {checks.LONGEST_S:.0f} seconds" in TEXT
    assert f"more than {coverage.LARGE:,} quads" in TEXT
    assert f"the first {coverage.MOST_OF_LARGE} things of each class" in TEXT
    assert f"the first {quality.MOST_OF_LARGE} statements" in TEXT
    assert f"more than {checks.LARGEST:,}, the checks" in TEXT


def test_the_parameters_of_the_guide_are_those_of_questions() -> None:
    lines = set(re.findall(r"^# parameter: .*$", TEXT, flags=re.MULTILINE))
    shipped = {
        line
        for path in (PROJECT / "ontology" / "questions").glob("*.rq")
        for line in path.read_text(encoding="utf-8").splitlines()
    }

    assert len(lines) == 3
    assert lines <= shipped
    assert any("VALUES ?cluster { cluster:minalogic }" in each.query for each in questions())
