"""Every query, command and link in the README and the guides works."""

from __future__ import annotations

import csv
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent
PAGES = [
    PROJECT / "README.md",
    *sorted((PROJECT / "docs").rglob("*.md")),
    *(PROJECT / folder / "README.md" for folder in ("data", "ontology")),
    PROJECT / "CONTRIBUTING.md",
]
BLOCK = re.compile(r"^<!-- (\w+): ([\w-]+) -->\n```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ANY_QUERY = re.compile(r"^```sparql\n", re.MULTILINE)

# What a reader of the page will see: at least these rows, taken from the sources by hand.
SOME_ROWS: dict[str, list[dict[str, str]]] = {
    "first": [
        {"cluster": "Minalogic", "company": "Ahlstrom", "country": "Finland"},
        {
            "cluster": "Secure Communications Solutions",
            "company": "IBM",
            "country": "United States",
        },
    ],
    "matches": [
        {
            "cluster": "https://w3id.org/metapole/id/cluster/vehicule-du-futur",
            "score": "0.95",
            "sector_name": "automotive",
        },
    ],
    "statements": [
        {"document": "Cooperation with clusters", "line": "60", "printed": "AVIA"},
        {"line": "63", "printed": "more than 11.200 million euros"},
    ],
    "figures": [
        {
            "name": "Cluster de Automoción de Aragón",
            "qualifier": "more than",
            "value": "1400000000",
            "unit": "euro",
            "from": "2013-01-01",
            "to": "2013-12-31",
        },
    ],
    "sector": [{"name": "I-Trans"}, {"name": "CARA"}, {"name": "Autoregion"}],
    "abroad": [
        {"cluster": "Minalogic", "partner": "NanoQuébec", "country": "Canada"},
        {
            "cluster": "Therapeutic Innovation",
            "partner": "In Vivo",
            "country": "Canada",
            "intermediary": "University Louis Pasteur",
        },
        {"cluster": "Secure Communications Solutions", "partner": "Torino Wireless"},
    ],
    "find": [{"thing": "https://w3id.org/metapole/id/cluster/vehicule-du-futur"}],
    "employees": [
        {"value": "84500", "qualifier": "around", "line": "74"},
        {"value": "450000", "qualifier": "exact", "line": "11"},
    ],
    "sources": [{"area": "Auvergne-Rhône-Alpes"}, {"area": "Centre-Val de Loire"}],
    "commits": [{"number": "1", "who": "metapole build", "removed": "0"}],
    "where": [
        {
            "cluster": "https://w3id.org/metapole/id/cluster/minalogic",
            "area": "https://w3id.org/metapole/id/area/auvergne-rhone-alpes",
            "place": "POINT(4.624 45.284)",
        },
    ],
    "graph": [
        {"graph": "https://w3id.org/metapole/graph/source/cooperation-with-clusters"},
    ],
}


def blocks(kind: str) -> list[tuple[Path, str, str]]:
    return [
        (page, match[2], match[4])
        for page in PAGES
        for match in BLOCK.finditer(page.read_text(encoding="utf-8"))
        if match[1] == kind
    ]


def metapole(store: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", *words, "--store", str(store)],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
    )


def test_every_query_of_the_docs_has_a_name_that_is_tested() -> None:
    named = [name for _, name, _ in blocks("query")]
    all_queries = sum(len(ANY_QUERY.findall(page.read_text(encoding="utf-8"))) for page in PAGES)

    federated = blocks("federated")  # test_federate_guide.py asks these
    found = len(named) + len(federated)
    assert found == all_queries, "write `<!-- query: name -->` above the block"
    assert set(named) == set(SOME_ROWS)


@pytest.mark.parametrize(
    ("name", "text"), [pytest.param(name, text, id=name) for _, name, text in blocks("query")]
)
def test_a_query_of_the_docs_finds_what_its_reader_expects(
    shipped_store: Path, name: str, text: str
) -> None:
    answer = metapole(shipped_store, "query", "--format", "csv", "-q", text)

    assert answer.returncode == 0, answer.stderr
    rows = list(csv.DictReader(io.StringIO(answer.stdout)))
    for expected in SOME_ROWS[name]:
        assert any(expected.items() <= row.items() for row in rows), (expected, rows)


def test_the_commands_of_the_readme_give_the_same_answer(
    shipped_store: Path, endpoint: str, tmp_path: Path
) -> None:
    commands = {name: text.strip() for page, name, text in blocks("ask") if "README" in page.name}
    (tmp_path / "first.rq").write_text(
        next(text for _, name, text in blocks("query") if name == "first"), encoding="utf-8"
    )
    by_curl = subprocess.run(
        shlex.split(commands["curl"].replace("http://127.0.0.1:8000", endpoint)),
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    ).stdout
    words = shlex.split(commands["metapole"])
    by_metapole = subprocess.run(
        [sys.executable, "-m", "server", *words[1:], "--store", str(shipped_store)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    ).stdout

    assert by_curl == by_metapole
    assert by_curl.count("\n") == 7  # a heading and six companies (question J1)


def test_the_file_of_the_editor_guide_is_what_the_endpoint_answers(
    endpoint: str, tmp_path: Path
) -> None:
    commands = {name: text.strip() for _, name, text in blocks("ask")}
    (tmp_path / "first.rq").write_text(
        next(text for _, name, text in blocks("query") if name == "first"), encoding="utf-8"
    )
    by_file, by_endpoint = (
        subprocess.run(
            shlex.split(commands[name].replace("http://127.0.0.1:8000", endpoint)),
            capture_output=True,
            check=True,
            cwd=tmp_path,
        ).stdout
        for name in ("file", "curl")
    )

    assert by_file == by_endpoint
    assert by_file.count(b"\n") == 7


def test_the_command_of_the_guide_answers(shipped_store: Path) -> None:
    (command,) = [text for page, _, text in blocks("ask") if page.name == "ask.md"]

    answer = metapole(shipped_store, *shlex.split(command)[1:])

    assert answer.returncode == 0, answer.stderr
    assert "embedded software" in answer.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if not target.startswith(("http:", "https:", "mailto:"))]

    assert [target for target in local if not (page.parent / target).exists()] == []
