"""Every question people ask has its answer: over HTTP, from the sources alone, and never by luck.

Each question lies beside its answer in `ontology/questions`. For each of them `CHANGES` alters one
fact that the answer rests on and says by hand how the answer has to follow.
"""

from __future__ import annotations

import csv
import re
import urllib.parse
import urllib.request
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.derivation import derive
from graph.namespaces import BASE, DEF, ENRICHMENT_GRAPH, ID, LINKS_GRAPH, MP
from graph.paths import bundled
from graph.sources import read_sources

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

QUESTIONS = bundled("ontology") / "questions"
QUESTIONS_ASKED = 40
QUESTIONS_WITHOUT_ANSWER = 6
HEADER = re.compile(
    r"^# (id|question@en|question@fr|question@de|answer|note): (\S.*)$", re.MULTILINE
)
Row = tuple[str, ...]

THINGS = (
    "area area-part cluster country evidence field figure labelling location membership milestone "
    "organisation participation partnership person project service"
)
SCHEMES = (
    "label-category milestone-kind partnership-kind qualifier role sector specialty time-basis unit"
)
PREFIXES = "\n".join(
    [
        f"PREFIX mp: <{MP}>",
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>",
        "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>",
        *(f"PREFIX {name}: <{ID}{name}/>" for name in THINGS.split()),
        *(f"PREFIX {name}: <{DEF}{name}/>" for name in SCHEMES.split()),
    ]
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question of `ontology/questions`, with the answer that lies beside it."""

    path: Path

    @property
    def query(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def header(self) -> dict[str, str]:
        return dict(HEADER.findall(self.query))

    @property
    def answer(self) -> tuple[Row, list[Row]]:
        """Return the names of the columns, and the rows."""
        return read_csv(self.path.with_suffix(".csv").read_text(encoding="utf-8"))

    def arranged(self, rows: Iterable[Row]) -> list[Row]:
        """Return *rows* so that two right answers are equal: in order, unless order is free."""
        return list(rows) if self.header["answer"] == "ordered" else sorted(rows)


@dataclass(frozen=True, slots=True)
class Change:
    """An update of one fact, and the rows, in CSV, that the answer loses and gains by it."""

    update: str
    loses: str = ""
    gains: str = ""


def value(subject: str, new: str) -> str:
    return replaced(subject, "mp:value", new)


def replaced(subject: str, predicate: str, new: str) -> str:
    fact = f"{subject} {predicate}"
    return f"DELETE WHERE {{ {fact} ?old }} ; INSERT DATA {{ {fact} {new} }}"


def deleted(subject: str) -> str:
    return f"DELETE WHERE {{ {subject} ?p ?o }}"


def stated(triples: str) -> str:
    """Add a statement that a source makes; which of its words prove it does not matter here."""
    return f"INSERT DATA {{ {triples} ; mp:evidence evidence:acod }}"


CHANGES = {
    "L1": Change(
        deleted("field:minalogic-embedded-software"),
        loses="embedded software",
    ),
    "L2": Change(
        replaced("service:ifa-introductions", "mp:provider", "organisation:france-clusters"),
        loses="Invest in France Agency,IFA,introductions to cluster leaders,"
        "Arranges meetings between investors and those who lead the international clusters.",
        gains="France Clusters,,introductions to cluster leaders,"
        "Arranges meetings between investors and those who lead the international clusters.",
    ),
    "L4": Change(
        value("figure:foremost-project-budget", "130000000.0"),
        loses="project budget,120000000,EUR,exact",
        gains="project budget,130000000,EUR,exact",
    ),
    "L5": Change(
        replaced("location:scandinavian-automotive-suppliers-gothenburg", "mp:area", "area:seoul"),
        loses="more than,350,Gothenburg",
        gains="more than,350,Seoul",
    ),
    "L7": Change(
        replaced("milestone:competitiveness-clusters-start", "mp:timeAsPrinted", '"2005"'),
        loses="French government,2004",
        gains="French government,2005",
    ),
    "L8": Change(
        deleted("location:cara-centre-val-de-loire"),
        loses="mobility and transport,Centre-Val de Loire",
    ),
    "L10": Change(
        replaced("milestone:automotive-day-liege-held", "mp:timeBasis", "time-basis:stated"),
        loses="2019-09-24,inferred,Liège,life cycle analysis\n2019-09-24,inferred,Liège,recycling",
        gains="2019-09-24,stated,Liège,life cycle analysis\n2019-09-24,stated,Liège,recycling",
    ),
    "J1": Change(
        replaced("location:ahlstrom-finland", "mp:area", "country:sweden"),
        loses="Minalogic,Ahlstrom,Finland",
        gains="Minalogic,Ahlstrom,Sweden",
    ),
    "J3": Change(
        deleted("field:emc2-automobiles"),
        loses="EMC2,national cluster",
    ),
    "J4": Change(
        replaced("labelling:photonique", "mp:category", "label-category:international"),
        loses="Photonique,national cluster",
        gains="Photonique,international cluster",
    ),
    "J6": Change(
        stated(
            "field:vitagora-cereal a mp:Specialisation ; "
            "mp:about cluster:vitagora ; mp:field specialty:cereal"
        ),
        loses='Valorial,Vitagora,"agro-food"',
    ),
    "J8": Change(
        replaced("participation:luxembourg-automobility-in-pae", "mp:role", "role:key-partner"),
        loses="Luxembourg AutoMobility Cluster,partner,12,exact",
        gains="Luxembourg AutoMobility Cluster,key partner,12,exact",
    ),
    "J9": Change(
        stated(
            "partnership:minalogic-philips a mp:Partnership ; "
            "mp:partner cluster:minalogic , organisation:philips"
        ),
        gains="Philips",
    ),
    "J10": Change(
        "INSERT DATA { location:amz-germany mp:evidence evidence:amz }",
        gains="AMZ",
    ),
    "J12": Change(
        deleted("participation:oseo-in-competitiveness-clusters-2006-2008"),
        loses="national agencies,575000000,EUR,exact,OSEO Group,",
    ),
    "J13": Change(
        stated(
            "partnership:minalogic-philips a mp:Partnership ; "
            "mp:partnershipKind partnership-kind:cluster-company ; "
            "mp:partner cluster:minalogic , organisation:philips"
        ),
        gains="Philips,between a cluster and companies",
    ),
    "J14": Change(
        deleted("location:nanoquebec-canada"),
        loses="NanoQuébec",
    ),
    "A1": Change(
        replaced("labelling:photonique", "mp:category", "label-category:international"),
        loses="international cluster,16,16,exact\nnational cluster,50,,",
        gains="international cluster,17,16,exact\nnational cluster,49,,",
    ),
    "A2": Change(
        deleted("field:photonique-biotechnology"),
        loses="biotechnology,6",
        gains="biotechnology,5",
    ),
    "A4": Change(
        deleted("field:photonique-biotechnology"),
        loses="Photonique,6",
        gains="Photonique,5",
    ),
    "A5": Change(
        value("figure:competitiveness-clusters-2006-2008-public-investment", "365000000.0"),
        loses="ministries,765000000,EUR,exact,51\nall,1500000000,EUR,exact,100",
        gains="ministries,365000000,EUR,exact,24.3\nall,1100000000,EUR,exact,73.3",
    ),
    "A7": Change(
        value("figure:unnamed-normandy-idf-automotive-labelled-project-count", "400.0"),
        loses="1490000000,exact,405,exact,3679012,EUR",
        gains="1490000000,exact,400,exact,3725000,EUR",
    ),
    "A8": Change(
        value("figure:unnamed-normandy-idf-automotive-sme-member-count", "190.0"),
        loses="[unnamed automotive cluster of Normandy and Île-de-France],200,exact,380,exact,52.6",
        gains="[unnamed automotive cluster of Normandy and Île-de-France],190,exact,380,exact,50",
    ),
    "A10": Change(
        replaced("figure:swhec-employee-count", "mp:qualifier", "qualifier:exact"),
        loses="South West Hungarian Engineering Cluster,5000,around,not printed\n"
        "sum,119100,2 mixed,2 mixed",
        gains="South West Hungarian Engineering Cluster,5000,exact,not printed\n"
        "sum,119100,3 mixed,2 mixed",
    ),
    "A11": Change(
        value("figure:avia-company-count", "100.0"),
        loses="Cluster de automoción de la Comunitat Valenciana,22800,more than,86,exact,265",
        gains="Cluster de automoción de la Comunitat Valenciana,22800,more than,100,exact,228",
    ),
    "P1": Change(
        deleted("area-part:wallonia-in-greater-region"),
        loses="Wallonia,Automobility Cluster - Pôle européen automobile,Belgium,true",
    ),
    "P2": Change(
        replaced("person:anthony-auert", "skos:prefLabel", '"A. N. Other"@en'),
        loses="Pôle automobile européen,Luxembourg AutoMobility Cluster,Anthony Auert",
        gains="Pôle automobile européen,Luxembourg AutoMobility Cluster,A. N. Other",
    ),
    "P4": Change(
        replaced("partnership:ti-in-vivo", "mp:via", "organisation:cea"),
        loses="Therapeutic Innovation,University Louis Pasteur,In Vivo",
        gains="Therapeutic Innovation,CEA,In Vivo",
    ),
    "P6": Change(
        deleted("field:cara-mobility"),
        loses="CARA",
    ),
    "P8": Change(
        value("figure:automotive-clusters-of-the-greater-region-member-count", "810.0"),
        loses="Interreg V A,1200000,exact,2200000,exact,EUR,Pôle automobile européen,"
        "Chamber of Commerce and Industry Grand Est,12,exact,"
        "automotive clusters of the Greater Region,800,exact",
        gains="Interreg V A,1200000,exact,2200000,exact,EUR,Pôle automobile européen,"
        "Chamber of Commerce and Industry Grand Est,12,exact,"
        "automotive clusters of the Greater Region,810,exact",
    ),
    "T1": Change(
        value("figure:competitiveness-clusters-cluster-count-3", "56.0"),
        loses="55,exact,2,2024-01-01,",
        gains="56,exact,1,2024-01-01,\n55,exact,1,2009-01-01,",
    ),
    "T2": Change(
        replaced("milestone:pae-end", "mp:to", '"2022-06-30"^^xsd:date'),
        loses="2018-07,2019-06-27,2021-12,planned,42",
        gains="2018-07,2019-06-27,2021-12,planned,48",
    ),
    "T4": Change(
        value("figure:caar-company-count", "54.0"),
        loses="number of companies,52,exact,2014-01-01,2020-12-31,date of the document",
        gains="number of companies,54,exact,2014-01-01,2020-12-31,date of the document",
    ),
    "T6": Change(
        replaced("milestone:pae-launch-held", "mp:from", '"2021-06-27"^^xsd:date')
        + " ; "
        + replaced("milestone:pae-launch-held", "mp:to", '"2021-06-27"^^xsd:date'),
        gains="Official launch of the Pôle automobile européen,2021-06-27,2021-06-27,1",
    ),
    "T7": Change(
        replaced(
            "milestone:autoregion-collaboration-start",
            "mp:milestoneKind",
            "milestone-kind:foundation",
        ),
        gains="Autoregion,2013",
    ),
    "T8": Change(
        value("figure:avia-company-count", "90.0"),
        loses="number of companies,86,,,companies,exact,2014-01-01,2020-12-31,date of the document",
        gains="number of companies,90,,,companies,exact,2014-01-01,2020-12-31,date of the document",
    ),
    "V1": Change(
        replaced("evidence:avia-turnover", "mp:lineFrom", "64"),
        loses="11200000000,EUR,more than,more than 11.200 million euros,"
        "000_e3d9d6661a42b5d9.txt,63",
        gains="11200000000,EUR,more than,more than 11.200 million euros,"
        "000_e3d9d6661a42b5d9.txt,64",
    ),
    "V2": Change(
        replaced(
            "figure:greater-region-grand-est-and-adjacent-employee-count",
            "mp:qualifier",
            "qualifier:at-least",
        ),
        gains='"Greater Region, Grand Est and adjacent territories together",'
        "number of employees,at least,450000,,,persons",
    ),
    "V4": Change(
        stated(
            "participation:l-dih-in-pae a mp:Participation ; mp:participant organisation:l-dih ; "
            "mp:undertaking project:pae ; mp:role role:partner"
        ),
        loses="Pôle automobile européen,partners,10",
        gains="Pôle automobile européen,partners,9",
    ),
    "V6": Change(
        replaced("figure:unnamed-nrw-automotive-turnover", "mp:unit", "unit:eur"),
        loses="[unnamed automotive cluster of North Rhine-Westphalia],turnover,around,36000000000,"
        '"money, currency not printed",currency',
    ),
    "R1": Change(
        "INSERT DATA { location:minalogic-auvergne-rhone-alpes mp:evidence evidence:minalogic }",
        gains="Auvergne-Rhône-Alpes",
    ),
    "R2": Change(
        stated(
            "figure:penelope-project-budget a mp:KeyFigure ; mp:about project:penelope ; "
            "mp:value 1000000.0 ; mp:unit unit:eur ; mp:qualifier qualifier:nearly"
        ),
        gains="1000000,euro,nearly",
    ),
    "R3": Change(
        stated(
            "membership:luxembourg-automobility-in-autoregion a mp:Membership ; "
            "mp:member cluster:luxembourg-automobility ; mp:group cluster:autoregion"
        ),
        gains="Luxembourg AutoMobility Cluster",
    ),
    "R4": Change(
        stated(
            "figure:unnamed-nrw-automotive-vehicles a mp:KeyFigure ; "
            "mp:about cluster:unnamed-nrw-automotive ; mp:value 250000.0 ; "
            "mp:unit unit:vehicles ; mp:qualifier qualifier:around"
        ),
        gains="250000,around",
    ),
    "R5": Change(
        replaced("field:cara-mobility", "mp:field", "sector:automotive-and-mobility"),
        gains="CARA",
    ),
    "R6": Change(
        replaced("figure:avia-turnover", "mp:about", "cluster:acod"),
        gains="ACOD,11200000000,EUR,more than",
    ),
}


def every_question() -> list[Question]:
    return [Question(path) for path in sorted(QUESTIONS.glob("*.rq"))]


def name_of(question: Question) -> str:
    return question.path.stem


each_question = pytest.mark.parametrize("question", every_question(), ids=name_of)


@pytest.fixture(scope="session")
def written() -> list[ox.Quad]:
    """Return what the files of the ontology and the data say."""
    return read_sources(bundled("data"), bundled("ontology")).quads


def union_of(quads: Iterable[ox.Quad], update: str = "") -> ox.Store:
    """Return a store whose default graph holds *quads*, changed by *update*, and what follows."""
    store = ox.Store()
    store.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    if update:
        store.update(f"{PREFIXES}\n{update}")
    for quad in derive(list(store), bundled("ontology") / "rules"):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object))
    return store


def read_csv(text: str) -> tuple[Row, list[Row]]:
    header, *rows = csv.reader(text.splitlines())
    return tuple(header), [tuple(row) for row in rows]


def rows_of(text: str) -> Counter[Row]:
    return Counter(tuple(row) for row in csv.reader(text.splitlines()))


def ask(store: ox.Store, query: str) -> tuple[Row, list[Row]]:
    answer = store.query(query)
    assert isinstance(answer, ox.QuerySolutions)
    text = answer.serialize(format=ox.QueryResultsFormat.CSV)
    assert text is not None
    return read_csv(text.decode())


def ask_over_http(endpoint: str, query: str) -> tuple[Row, list[Row]]:
    request = urllib.request.Request(
        f"{endpoint}/sparql",
        data=urllib.parse.urlencode({"query": query}).encode(),
        headers={"Accept": "text/csv"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return read_csv(response.read().decode())


def test_all_questions_are_there() -> None:
    ids = [question.header["id"] for question in every_question()]
    assert len(set(ids)) == len(ids)
    without_answer = [name for name in ids if name.startswith("R")]
    assert len(without_answer) == QUESTIONS_WITHOUT_ANSWER
    assert len(ids) - len(without_answer) == QUESTIONS_ASKED


def test_every_question_has_a_change_of_a_fact_and_an_answer() -> None:
    assert sorted(CHANGES) == sorted(question.header["id"] for question in every_question())
    answers = {path.stem for path in QUESTIONS.glob("*.csv")}
    assert answers == {name_of(question) for question in every_question()}


@each_question
def test_a_question_is_asked_in_three_languages(question: Question) -> None:
    header = question.header
    assert header.keys() - {"note"} == {"id", "question@en", "question@fr", "question@de", "answer"}
    assert header["answer"] in ("set", "ordered")
    assert name_of(question).startswith(header["id"] + "-")
    assert all(header[f"question@{language}"].endswith("?") for language in ("en", "fr", "de"))


@each_question
def test_a_question_is_written_as_a_person_would(question: Question) -> None:
    body = re.sub(r"^PREFIX .*$", "", question.query, flags=re.MULTILINE)
    assert f"<{BASE}" not in body, "name the thing by its label, or write a prefix"
    assert all(len(line) <= 100 for line in body.splitlines() if not line.startswith("#"))


@each_question
def test_a_question_is_answered_over_http(endpoint: str, question: Question) -> None:
    columns, rows = question.answer
    answered_columns, answered = ask_over_http(endpoint, question.query)
    assert answered_columns == columns
    assert question.arranged(answered) == question.arranged(rows)


@pytest.mark.parametrize(
    "question", [question for question in every_question() if name_of(question).startswith("R")]
)
def test_what_no_source_says_has_no_answer(question: Question) -> None:
    assert question.answer[1] == []


@each_question
def test_an_answer_follows_the_facts(written: list[ox.Quad], question: Question) -> None:
    change = CHANGES[question.header["id"]]
    _, rows = ask(union_of(written, change.update), question.query)
    before, after = Counter(question.answer[1]), Counter(rows)
    assert before - after == rows_of(change.loses)
    assert after - before == rows_of(change.gains)


def test_answers_come_from_the_sources_alone(written: list[ox.Quad]) -> None:
    outside = {ox.NamedNode(ENRICHMENT_GRAPH), ox.NamedNode(LINKS_GRAPH)}
    sources = union_of(quad for quad in written if quad.graph_name not in outside)
    answers = {q.header["id"]: (q, ask(sources, q.query)[1]) for q in every_question()}
    # The countries that the parts of the Greater Region belong to are common knowledge.
    _, parts = answers.pop("P1")
    assert {(part, country) for part, _, country, _ in parts} == {
        ("Lorraine", ""),
        ("Luxembourg", "Luxembourg"),
        ("Rhineland-Palatinate", ""),
        ("Saarland", ""),
        ("Wallonia", ""),
    }
    for name, (question, rows) in answers.items():
        assert question.arranged(rows) == question.arranged(question.answer[1]), name
