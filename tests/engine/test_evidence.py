"""Evidence is compared with the document it cites, character by character."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from graph.evidence import evidence_findings
from graph.paths import bundled
from graph.sources import read_sources

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "First line\n\nThe cluster has  380\u00a0members\nand 200 SMEs.\n"
SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()
DATA = f"""@prefix mp: <https://w3id.org/metapole/def#> .
@prefix document: <https://w3id.org/metapole/id/document/> .
@prefix evidence: <https://w3id.org/metapole/id/evidence/> .

document:page a mp:SourceDocument ;
    mp:fileName "page.txt" ;
    mp:sha256 "{SHA256}" ;
    mp:characters {len(TEXT)} ;
    mp:lines 4 .

evidence:members a mp:Evidence ;
    mp:document document:page ;
    mp:sha256 "{SHA256}" ;
    mp:printedAs "has 380 members and 200" ;
    mp:charFrom {TEXT.index("has")} ;
    mp:charTo {TEXT.index(" SMEs")} ;
    mp:lineFrom 3 ;
    mp:lineTo 4 .
"""


def _findings(folder: Path, data: str) -> list[tuple[int, str]]:
    (folder / "terms").mkdir()
    (folder / "terms/a.ttl").write_text("<ex:a> a <ex:b> .", encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "data/a.ttl").write_text(data, encoding="utf-8")
    (folder / "page.txt").write_text(TEXT, encoding="utf-8")
    sources = read_sources(folder / "data", folder)
    assert sources.findings == []
    return [(finding.line, finding.what) for finding in evidence_findings(sources, folder)]


def test_evidence_that_is_printed_there_has_no_findings(tmp_path: Path) -> None:
    assert _findings(tmp_path, DATA) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        pytest.param('"page.txt"', '"other.txt"', 6, "does not exist", id="file"),
        pytest.param(SHA256, "0" * 64, 7, "mp:sha256", id="another version"),
        pytest.param(f"mp:characters {len(TEXT)}", "mp:characters 1", 8, "characters", id="size"),
        pytest.param("mp:lines 4", "mp:lines 5", 9, "in the document it is 4", id="lines"),
        pytest.param("has 380", "has 390", 14, "are 'has 380 members", id="number"),
        pytest.param("members and", "members  and", 14, "", id="blanks are collapsed"),
        pytest.param(f"mp:charFrom {TEXT.index('has')}", "mp:charFrom 1", 14, "'irst", id="start"),
        pytest.param("mp:lineFrom 3", "mp:lineFrom 2", 17, "it is 3", id="first line"),
        pytest.param("mp:lineTo 4", "mp:lineTo 3", 18, "it is 4", id="last line"),
    ],
)
def test_evidence_that_differs_is_found_on_its_line(
    tmp_path: Path, old: str, new: str, line: int, what: str
) -> None:
    findings = _findings(tmp_path, DATA.replace(old, new, 1))

    if not what:
        assert findings == []
    else:
        assert [found for found in findings if found[0] == line and what in found[1]], findings


def test_all_evidence_of_the_shipped_data_is_printed_in_the_sources(shared: Path) -> None:
    sources = read_sources(bundled("data"), bundled("ontology"))

    findings = evidence_findings(sources, shared / "sources")

    assert [str(finding) for finding in findings] == []
