"""Errors planted in a copy of the shipped files are found, in the right file and block."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from graph.build import Report, check
from graph.paths import bundled

COOPERATION = "data/sources/cooperation-with-clusters.ttl"
CARA = "data/sources/cara-what-is-a-cluster.ttl"
IFA = "data/sources/ifa-competitive-clusters-2007.ttl"
FRANCE = "data/sources/france-clusters-strengths.ttl"
LUXINNOVATION = "data/sources/luxinnovation-pole-automobile-europeen-2019.ttl"
ENRICHMENT = "data/enrichment.ttl"
LINKS = "data/links.ttl"
SPECIALTIES = "ontology/schemes/specialty.ttl"
ROLES = "ontology/schemes/role.ttl"


@dataclass(frozen=True)
class Plant:
    """An error: *old* becomes *new* in the block of *subject*, or *new* is a block of its own."""

    file: str
    subject: str
    old: str
    new: str
    rule: str
    words: str
    severity: str = "error"


PLANTS = {
    "wrong unit": Plant(
        COOPERATION, "figure:caar-company-count", "unit:companies", "unit:vehicles",
        "check:unit-of-another-indicator", "vehicles is not companies",
    ),
    "amount that is no money": Plant(
        IFA, "funding:plan-2006-2008-agencies", r"mp:amount \S+",
        "mp:amount figure:scs-partner-cluster-count",
        "check:amount-is-no-money", "the amount is in clusters",
    ),
    "lost qualifier": Plant(
        COOPERATION, "figure:avia-employee-count", "    mp:qualifier qualifier:more-than ;\n", "",
        "shape:KeyFigure", "one mp:qualifier",
    ),
    "qualifier from the middle of the tree": Plant(
        COOPERATION, "figure:caar-turnover", "qualifier:more-than", "qualifier:precise",
        "shape:KeyFigure", "qualifier:precise",
    ),
    "lost period": Plant(
        COOPERATION, "figure:swhec-employee-count", r"    mp:to .*\n", "",
        "check:figure-without-end", "no mp:to",
    ),
    "range the wrong way round": Plant(
        COOPERATION, "figure:swhec-export-share", "mp:minimum 0.70", "mp:minimum 0.90",
        "check:end-before-beginning", "begins at 0.9",
    ),
    "value and range at once": Plant(
        COOPERATION, "figure:scandinavian-automotive-suppliers-company-count",
        "mp:value 350.0 ;", "mp:value 350.0 ;\n    mp:minimum 1.0 ;",
        "shape:KeyFigure", "the one or the other",
    ),
    "percentage for a ratio": Plant(
        COOPERATION, "figure:avia-turnover-to-industrial-gdp", "0.14", "14.0",
        "check:ratio-outside-0-to-1", "14",
    ),
    "11.200 million read as 11.2 million": Plant(
        COOPERATION, "figure:avia-turnover", "11200000000.0", "11200000.0",
        "check:amount-in-no-proportion", "figure:avia-employee-count",
    ),
    "sum that does not add up": Plant(
        FRANCE, "figure:clusters-in-france-cluster-count", "300.0", "310.0",
        "check:sum-of-parts", "add up to 300",
    ),
    "co-financing above the budget": Plant(
        LUXINNOVATION, "figure:pae-co-financing", "1200000.0", "12000000.0",
        "check:co-financing-above-budget", "more than the budget of 2200000",
    ),
    "count of a list that is longer": Plant(
        IFA, "figure:competitiveness-clusters-international-cluster-count", "16.0", "17.0",
        "check:counted-list", "16 clusters are listed",
    ),
    "year in a date field": Plant(
        LUXINNOVATION, "milestone:autoregion-collaboration-start",
        "2013-01-01", "2013",
        "term:value", "'2013' is not a date",
    ),
    "year as gYear in a date field": Plant(
        IFA, "naming:medicen", r'"2007-03-01"\^\^xsd:date', '"2007"^^xsd:gYear',
        "shape:Statement", "first possible day",
    ),
    "day that does not exist": Plant(
        IFA, "naming:minalogic", "2008-12-31", "2008-12-32", "term:value", "'2008-12-32'",
    ),
    "end before the beginning": Plant(
        IFA, "naming:systematic", "2007-03-01", "2009-03-01",
        "check:end-before-beginning", "begins at 2009-03-01",
    ),
    "time basis that is none": Plant(
        IFA, "naming:lyonbiopole", "time-basis:document-date", "time-basis:guessed",
        "shape:StatementTimeBasis", "time-basis:guessed",
    ),
    "plan without its status": Plant(
        LUXINNOVATION, "milestone:pae-end", "    mp:status status:planned ;\n", "",
        "check:planned-after-document", "has no status",
    ),
    "inferred time without a note": Plant(
        LUXINNOVATION, "milestone:automotive-day-liege-held", r"    skos:note .*\n", "",
        "check:inferred-without-note", "no note says from what",
    ),
    "evidence beyond the end of the document": Plant(
        COOPERATION, "evidence:avia-company-count", r"mp:charTo \d+", "mp:charTo 9999999",
        "check:evidence-outside-document", "the document has",
    ),
    "evidence that ends before it begins": Plant(
        COOPERATION, "evidence:avia-employee-count", r"mp:charTo \d+", "mp:charTo 5",
        "check:end-before-beginning", "and ends at 5",
    ),
    "evidence at no number": Plant(
        COOPERATION, "evidence:acod-acod", r"mp:lineFrom \d+", 'mp:lineFrom "first"^^xsd:integer',
        "term:value", "'first' is not a whole number",
    ),
    "evidence of another version": Plant(
        COOPERATION, "evidence:caar-company-count", 'mp:sha256 "ae', 'mp:sha256 "00',
        "check:evidence-of-another-version", "SHA-256",
    ),
    "evidence that is a sentence": Plant(
        COOPERATION, "evidence:caar-turnover", 'mp:printedAs ".*"',
        'mp:printedAs "Their companies had a turnover."',
        "check:evidence-is-a-sentence", "sentence",
    ),
    "evidence of 13 words": Plant(
        COOPERATION, "evidence:swhec-employee-count", 'mp:printedAs ".*"',
        'mp:printedAs "a b c d e f g h i j k l m"',
        "check:evidence-is-a-sentence", "12 words",
    ),
    "evidence nobody cites": Plant(
        CARA, "evidence:nobody", "",
        "evidence:nobody a mp:Evidence ;\n    mp:document document:cara-what-is-a-cluster ;\n"
        '    mp:sha256 "47caad5d08d9b6ad3a8fe3ad338a1c8f409dd08d1b9f9e8c8f9906d6948f884a" ;\n'
        '    mp:printedAs "cluster" ;\n    mp:charFrom 0 ;\n    mp:charTo 7 ;\n'
        "    mp:lineFrom 1 ;\n    mp:lineTo 1 .\n",
        "check:evidence-unused", "no statement cites",
    ),
    "statement without evidence": Plant(
        IFA, "membership:xerox-in-minalogic", r" ;\n    mp:evidence evidence:\S+ \.", " .",
        "check:statement-without-evidence", "document:ifa-competitive-clusters-2007",
    ),
    "statement with the evidence of another document": Plant(
        IFA, "naming:arve-industries", r"mp:evidence evidence:\S+",
        "mp:evidence evidence:avia-turnover",
        "check:statement-without-evidence", "no evidence in document:ifa",
    ),
    "enrichment without its confidence": Plant(
        ENRICHMENT, "area-part:aragon-in-spain", "    mp:confidence confidence:high ;\n", "",
        "check:enrichment-without-confidence", "without mp:confidence",
    ),
    "circle of meta-clusters": Plant(
        LUXINNOVATION, "membership:autoregion-in-itself", "",
        "membership:autoregion-in-itself a mp:Membership ;\n    mp:member cluster:autoregion ;\n"
        "    mp:group cluster:autoregion ;\n    mp:role role:member ;\n"
        "    mp:evidence evidence:autoregion .\n",
        "check:cycle-of-meta-clusters", "circle of groups",
    ),
    "company in a network of clusters": Plant(
        IFA, "membership:safetrans-in-eicose", "mp:member cluster:safetrans",
        "mp:member organisation:xerox",
        "check:members-of-networks", "not a cluster",
    ),
    "circle of areas": Plant(
        ENRICHMENT, "area-part:lorraine-in-grand-est",
        r"mp:whole area:grand-est ;\n    mp:part area:lorraine",
        "mp:whole area:lorraine ;\n    mp:part area:lorraine",
        "check:cycle-of-areas", "circle of areas",
    ),
    "code of another region": Plant(
        ENRICHMENT, "georeference:brittany", 'mp:nutsCode ".*"', 'mp:nutsCode "DEC"',
        "check:nuts-code-of-a-part", "does not begin with FR",
    ),
    "code in no form": Plant(
        ENRICHMENT, "georeference:wallonia", 'mp:nutsCode ".*"', 'mp:nutsCode "be-3"',
        "shape:Georeference", "two capitals",
    ),
    "cluster typed as a body": Plant(
        CARA, "cluster:cara", "a mp:Cluster", "a mp:Cluster , mp:ClusterOrganisation",
        "shape:ClusterOrganisation", "a body is not the cluster",
    ),
    "statement of two kinds": Plant(
        IFA, "naming:aerospace-valley", "a mp:Naming", "a mp:Naming , mp:Claim",
        "check:statement-of-two-kinds", "mp:Claim and mp:Naming",
    ),
    "class that the IRI denies": Plant(
        IFA, "organisation:xerox", "a mp:Organisation", "a mp:Person",
        "check:class-of-another-type", "id/person/",
    ),
    "duplicate label": Plant(
        IFA, "cluster:minalogic", '"Minalogic"@en', '"Minalogic"@en , "Lyonbiopole"@en',
        "check:duplicate-label", "cluster:lyonbiopole",
    ),
    "two labels in one language": Plant(
        IFA, "cluster:cap-digital", "skos:prefLabel ", 'skos:prefLabel "Digital Cap"@en , ',
        "shape:Thing", "one per language",
    ),
    "other label of two clusters": Plant(
        IFA, "cluster:aerospace-valley", "a mp:Cluster ;",
        'a mp:Cluster ;\n    skos:altLabel "MEDICEN paris region"@en ;',
        "check:label-of-two-clusters", "cluster:medicen",
    ),
    "label without a language": Plant(
        IFA, "cluster:derbi", r'"@en', '"', "shape:Thing", "with a language",
    ),
    "label with a no-break blank": Plant(
        IFA, "cluster:cancer-bio-sante", 'skos:prefLabel "', 'skos:prefLabel "Le\u00a0',
        "check:label-with-stray-blanks", "stray blanks",
    ),
    "label with a line break's hyphen": Plant(
        IFA, "cluster:axelera", 'skos:prefLabel "', 'skos:prefLabel "com- petitive ',
        "check:label-with-stray-blanks", "hyphen",
    ),
    "name that is no label": Plant(
        COOPERATION, "naming:acod-acod", '"ACOD"@en', '"AC0D"@en',
        "check:naming-is-no-label", "cluster:acod",
    ),
    "nameless thing said to be known": Plant(
        LINKS, "cluster:unnamed-nrw-automotive", "",
        "cluster:unnamed-nrw-automotive skos:exactMatch <http://example.org/nrw> .\n",
        "check:unnamed-but-identified", "without a name",
    ),
    "confidence above 1": Plant(
        LINKS, "mapping:amz-to-amz-sachsen", "0.9", "1.9", "shape:Mapping", "from 0 to 1",
    ),
    "thing that is not there": Plant(
        IFA, "naming:plastipolis", "cluster:plastipolis", "cluster:plastipoli",
        "check:undefined-thing", "cluster:plastipoli is described nowhere",
    ),
    "concept that is not there": Plant(
        IFA, "membership:systematic-in-eicose", "role:member", "role:membr",
        "check:undefined-thing", "role:membr is described nowhere",
    ),
    "concept of another scheme": Plant(
        IFA, "membership:aerospace-valley-in-eicose", "role:member", "kind:cluster",
        "check:concept-of-another-scheme", "kind:cluster is not in the scheme role",
    ),
    "misspelt property": Plant(
        IFA, "figure:foremost-project-budget", "mp:unit", "mp:units",
        "check:undefined-term", "mp:units is not a term",
    ),
    "property of another class": Plant(
        LUXINNOVATION, "participation:autoregion-in-pae", "mp:participant cluster:autoregion ;",
        "mp:participant cluster:autoregion ;\n    mp:member cluster:autoregion ;",
        "check:property-of-another-class", "mp:member is for things of the class mp:Membership",
    ),
    "shortcut written by hand": Plant(
        IFA, "cluster:elopsys", "a mp:Cluster ;", "a mp:Cluster ;\n    mp:partnerOf cluster:emc2 ;",
        "check:derived-by-hand", "mp:partnerOf is derived",
    ),
    "web address that is none": Plant(
        FRANCE, "web-link:france-clusters", '"http://www.franceclusters.fr"',
        '"www.franceclusters.fr"',
        "term:value", "not an absolute URI",
    ),
    "slug with a capital": Plant(
        IFA, "cluster:Qualimediterranee", "",
        'cluster:Qualimediterranee a mp:Cluster ;\n    skos:prefLabel "Quali"@en .\n',
        "term:iri", "id/{type}/{slug}",
    ),
    "thing without a class": Plant(
        IFA, "cluster:classless", "", 'cluster:classless skos:prefLabel "Classless"@en .\n',
        "check:thing-without-class", "no class",
    ),
    "language tag with capitals": Plant(
        FRANCE, "programme:cluster-invest", "@en", "@EN", "term:language", "@EN has capitals",
    ),
    "floating point number": Plant(
        COOPERATION, "figure:avia-turnover-to-regional-gdp", "0.091", "9.1e-2",
        "term:datatype", "xsd:double is not a datatype used here",
    ),
    "control character": Plant(
        COOPERATION, "figure:caar-turnover", r'mp:unit unit:eur ;',
        'mp:unit unit:eur ;\n    skos:note "a\\\\u0007b"@en ;',
        "term:control-character", "control character",
    ),
    "blank node": Plant(
        IFA, "cluster:medicen", "a mp:Cluster ;", "a mp:Cluster ;\n    skos:related [ ] ;",
        "term:blank-node", "blank node",
    ),
    "figure below zero": Plant(
        COOPERATION, "figure:cooperation-with-clusters-cooperation-entry-count", "11.0", "-11.0",
        "check:negative-figure", "-11 is below zero",
    ),
    "circle of sums": Plant(
        FRANCE, "figure:clusters-in-france-regional-cluster-count", "    mp:from",
        "    mp:sumOf figure:clusters-in-france-cluster-count ;\n    mp:from",
        "check:cycle-of-sums", "part of itself",
    ),
    "circle of concepts": Plant(
        SPECIALTIES, "specialty:agriculture", "skos:broader",
        "skos:broader specialty:agriculture , ",
        "check:cycle-of-concepts", "broader than itself",
    ),
    "nameless thing with a name": Plant(
        IFA, "project:unnamed-eicose-point-one", r"\[unnamed .*\]", "Point-One",
        "check:unnamed-without-brackets", "'Point-One' looks like a name",
    ),
    "evidence in the enrichment": Plant(
        ENRICHMENT, "area-part:auvergne-rhone-alpes-in-france", "    mp:confidence",
        "    mp:evidence <https://w3id.org/metapole/id/evidence/avia-turnover> ;\n"
        "    mp:confidence",
        "check:evidence-in-enrichment", "cites a source document",
    ),
    "field in the wrong scheme": Plant(
        LUXINNOVATION, "field:autoregion-automotive", "mp:field sector:automotive",
        "mp:field kind:cluster",
        "check:field-of-another-kind", "not in the scheme sector",
    ),
    "thing of another class": Plant(
        LUXINNOVATION, "participation:cci-grand-est-in-pae", r"mp:undertaking \S+",
        "mp:undertaking organisation:cci-grand-est",
        "check:value-of-another-class", "not of the class mp:Undertaking",
    ),
    "figure that contradicts another": Plant(
        COOPERATION, "figure:a-caar-company-count", "",
        "figure:a-caar-company-count a mp:KeyFigure ;\n    mp:about cluster:caar ;\n"
        "    mp:indicator indicator:company-count ;\n    mp:value 60.0 ;\n"
        "    mp:unit unit:vehicles ;\n    mp:qualifier qualifier:exact ;\n"
        '    mp:from "2018-01-01"^^xsd:date ;\n    mp:to "2018-12-31"^^xsd:date ;\n'
        "    mp:timeBasis time-basis:stated ;\n    mp:evidence evidence:caar-company-count .\n",
        "check:conflicting-figures", "but 52 in figure:caar-company-count", "warning",
    ),
    "source nobody describes": Plant(
        "data/sources/nobody.ttl", "<https://example.org/a>", "",
        "<https://example.org/a> <https://example.org/b> <https://example.org/c> .\n",
        "check:source-without-document", "document:nobody, which is not described",
    ),
    "file that writes to the derived graph": Plant(
        "data/derived.trig", "<https://example.org/d>", "",
        "<https://w3id.org/metapole/graph/derived> {\n"
        "<https://example.org/d> <https://example.org/b> <https://example.org/c> .\n\n}\n",
        "check:graph-of-derivations", "a graph that the build makes",
    ),
    "specialty that does not say how it maps": Plant(
        SPECIALTIES, "specialty:aeronautics", r' ;\n    mp:mappingQuality "\w+"', "",
        "shape:Specialty", "add mp:mappingQuality",
    ),
    "concept hanging in the air": Plant(
        ROLES, "role:partner", r" ;\n    skos:topConceptOf \S+", "",
        "check:concept-without-place", "neither below another",
    ),
}  # fmt: skip
UNREADABLE = {
    "missing full stop": Plant(IFA, "cluster:medicen", r"@en \.", "@en", "syntax", ""),
    "unknown prefix": Plant(
        LINKS, "mapping:amz-to-amz-sachsen", "mp:subject", "mpp:subject",
        "syntax", "mpp:",
    ),
    "open quotation mark": Plant(
        ENRICHMENT, "area-part:aragon-in-spain", '"@en', "@en",
        "syntax", "",
    ),
    "blank in an IRI": Plant(
        ROLES, "role:partner", r"skos:inScheme <", "skos:inScheme <a b",
        "syntax", "' '",
    ),
}  # fmt: skip


def _block(text: str, subject: str) -> re.Match[str]:
    found = re.search(rf"^{re.escape(subject)}\s.*?(?=\n\n|\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"{subject} has no block any more; plant the error somewhere else"
    return found


def _plant(folder: Path, plant: Plant) -> None:
    path = folder / plant.file
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if plant.old:
        block = _block(text, plant.subject)
        changed, times = re.subn(plant.old, plant.new, block.group(), count=1)
        assert times == 1, f"{plant.subject} holds no {plant.old!r} any more"
        text = text[: block.start()] + changed + text[block.end() :]
    else:
        text = f"{text}\n{plant.new}"
    path.write_text(text, encoding="utf-8")


def _copy(folder: Path) -> Path:
    shutil.copytree(bundled("data"), folder / "data")
    shutil.copytree(bundled("ontology"), folder / "ontology")
    return folder


def _check(folder: Path) -> Report:
    return check(data=folder / "data", ontology=folder / "ontology")


def _complaints(folder: Path, report: Report, plant: Plant) -> list[str]:
    """Return what the report says about the lines of the block with the planted error."""
    path = folder / plant.file
    text = path.read_text(encoding="utf-8")
    block = _block(text, plant.subject)
    first, last = (text.count("\n", 0, place) + 1 for place in block.span())
    return [
        str(finding)
        for finding in report.findings
        if finding.rule == plant.rule
        and finding.severity == plant.severity
        and Path(finding.path) == path
        # The parser notices a missing full stop where the next block begins.
        and first <= finding.line <= last + 2 * (plant.rule == "syntax")
    ]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    """Plant all errors at once: one run has to report them all."""
    folder = _copy(tmp_path_factory.mktemp("planted"))
    for plant in PLANTS.values():
        _plant(folder, plant)
    return folder, _check(folder)


@pytest.fixture(scope="module")
def unreadable(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    """Plant what stops a parser, in four files."""
    folder = _copy(tmp_path_factory.mktemp("unreadable"))
    for plant in UNREADABLE.values():
        _plant(folder, plant)
    return folder, _check(folder)


def test_an_untouched_copy_has_no_errors(tmp_path: Path) -> None:
    findings = _check(_copy(tmp_path)).findings

    assert [str(finding) for finding in findings if finding.severity == "error"] == []


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_error_is_found_in_its_block(name: str, planted: tuple[Path, Report]) -> None:
    folder, report = planted
    complaints = _complaints(folder, report, PLANTS[name])

    assert any(PLANTS[name].words in complaint for complaint in complaints), complaints


def test_every_check_has_an_error_planted_for_it() -> None:
    checks = {f"check:{path.stem}" for path in (bundled("ontology") / "checks").glob("*.rq")}

    assert checks - {plant.rule for plant in PLANTS.values()} == set()


@pytest.mark.parametrize("name", UNREADABLE)
def test_all_files_that_cannot_be_read_are_reported_at_once(
    name: str, unreadable: tuple[Path, Report]
) -> None:
    folder, report = unreadable
    complaints = _complaints(folder, report, UNREADABLE[name])

    assert any(UNREADABLE[name].words in complaint for complaint in complaints), complaints


def test_a_summary_says_that_shapes_wait_for_readable_files(
    unreadable: tuple[Path, Report],
) -> None:
    _, report = unreadable

    assert report.stopped_at_syntax
    assert "wait until all files can be read" in report.summary
    assert report.quads == ()
