"""The matcher finds what is meant, says why, and leaves alone what it cannot know.

True answers are those of the reference list of entities; none of it is kept here.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.generations import current_generation, publish_generation
from graph.matching.identifiers import Identifier, scheme_named, told_by
from graph.matching.matcher import Matcher
from graph.matching.wanted import Wanted
from graph.namespaces import ID, MP
from graph.publishing.edition import Facts, facts_of
from graph.search.folding import folded
from graph.search.making import make_index

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graph.matching.wanted import Candidate

TRIG = """
PREFIX area: <https://w3id.org/metapole/id/area/>
PREFIX country: <https://w3id.org/metapole/id/country/>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX georeference: <https://w3id.org/metapole/id/georeference/>
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX o: <https://w3id.org/metapole/id/organisation/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
GRAPH <https://w3id.org/metapole/graph/source/x> {
    country:france a mp:Country ; skos:prefLabel "France"@en , "Frankreich"@de ;
        skos:exactMatch <http://publications.europa.eu/resource/authority/country/FRA> ,
            <http://data.europa.eu/nuts/code/FR> .
    country:germany a mp:Country ; skos:prefLabel "Germany"@en , "Allemagne"@fr ;
        skos:exactMatch <http://publications.europa.eu/resource/authority/country/DEU> .
    area:centre a mp:Area ; skos:prefLabel "Centre"@fr ; mp:partOf country:france .
    georeference:centre a mp:Georeference ; mp:about area:centre ; mp:nutsCode "FRB0" .
    o:motors a mp:Organisation ; skos:prefLabel "Compagnie des moteurs"@fr ;
        mp:locatedIn area:centre ; mp:siren "552 100 554" ; mp:participantCode "999 999 999" .
    o:motoren a mp:Organisation ; skos:prefLabel "Compagnie der Motoren"@de ;
        mp:locatedIn country:germany ; mp:vatNumber "DE 123456788" .
    o:north a mp:Organisation ; skos:prefLabel "Mobilis"@en ; mp:locatedIn country:france .
    o:south a mp:Organisation ; skos:prefLabel "Mobilis"@en ; mp:locatedIn country:germany .
    o:linked a mp:Organisation ; skos:prefLabel "Linked works"@en ;
        owl:sameAs <https://ror.org/05a28rw58> ;
        skos:exactMatch <http://www.wikidata.org/entity/Q42> .
    o:coded a mp:Organisation ; skos:prefLabel "Coded works"@en ; dct:identifier "732829320" .
    o:quartz a mp:Organisation ; skos:prefLabel "Quarzwerke"@de .
    o:gone a mp:Organisation ; skos:prefLabel "Bygone works"@en ; owl:deprecated true .
    o:nameless a mp:Organisation ; skos:prefLabel "Nameless works"@en ; mp:unnamed true .
}
GRAPH <https://w3id.org/metapole/graph/import/list> {
    o:again a mp:Organisation ; skos:prefLabel "Linked works"@en .
    o:misspelt a mp:Organisation ; skos:prefLabel "Quartzwerke"@de .
    o:new a mp:Organisation ; skos:prefLabel "Novelty works"@en .
    o:accepted a mp:Organisation ; skos:prefLabel "Quite another name"@en .
}
GRAPH <https://w3id.org/metapole/graph/links/accepted> { o:accepted owl:sameAs o:linked . }
"""


def organisation(slug: str) -> str:
    return f"{ID}organisation/{slug}"


def matcher_of(store: Path) -> Matcher:
    generation = current_generation(store)
    assert generation
    make_index(generation)
    return Matcher(ox.Store.read_only(str(generation.path)), Facts(**facts_of(generation)))


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    store = tmp_path_factory.mktemp("matcher") / "store"
    publish_generation(store, list(ox.parse(TRIG, ox.RdfFormat.TRIG)))
    return matcher_of(store)


@pytest.fixture(scope="module")
def shipped_matcher(shipped_store: Path) -> Matcher:
    return matcher_of(shipped_store)


def identifier(name: str, text: str) -> Identifier:
    scheme = scheme_named(name)
    assert scheme
    value = scheme.read(text)
    assert value, f"{text} is no {name}"
    return Identifier(scheme, value)


def first(candidates: list[Candidate]) -> str:
    return candidates[0].thing.removeprefix(ID) if candidates else ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FR 40 303 265 045", ["VAT number FR40303265045"]),
        ("FR41303265045", []),
        ("https://ror.org/05a28rw58", ["ROR 05a28rw58"]),
        ("ror.org/05a28rw58", ["ROR 05a28rw58"]),
        ("05a28rw59", []),
        ("Q4040", ["Wikidata Q4040"]),
        ("https://www.wikidata.org/wiki/Q4040", ["Wikidata Q4040"]),
        ("SIREN 552 100 554", ["SIREN 552100554"]),
        ("siren: 552.100.554", ["SIREN 552100554"]),
        ("SIREN 552 100 555", []),
        ("552100554", []),
        ("nuts:frk", ["NUTS FRK"]),
        ("http://data.europa.eu/nuts/code/FRK", ["NUTS FRK"]),
        ("PIC 999999999", ["PIC 999999999"]),
        ("Q is a letter", []),
        ("nuts and bolts", []),
        ("", []),
    ],
)
def test_an_identifier_is_read_however_it_is_written(text: str, found: list[str]) -> None:
    assert [str(each) for each in told_by(text)] == found


@pytest.mark.parametrize(
    ("wanted", "slug", "reason"),
    [
        pytest.param(Wanted("Nothing like it"), "motors", "SIREN 552100554", id="SIREN"),
        pytest.param(Wanted(""), "motoren", "VAT number DE123456788", id="VAT"),
        pytest.param(Wanted(""), "motors", "PIC 999999999", id="PIC"),
        pytest.param(Wanted(""), "linked", "ROR 05a28rw58", id="ROR"),
        pytest.param(Wanted(""), "linked", "Wikidata Q42", id="Wikidata"),
    ],
)
def test_the_very_identifier_goes_before_any_name(
    matcher: Matcher, wanted: Wanted, slug: str, reason: str
) -> None:
    label, _, value = reason.rpartition(" ")
    names = {"SIREN": "siren", "VAT number": "vat", "PIC": "pic", "ROR": "ror"}
    scheme = names.get(label, "wikidata")

    found = matcher.find(replace(wanted, identifiers=(identifier(scheme, value),)))

    assert found[0].thing == organisation(slug)
    assert found[0].score == 100
    assert found[0].is_match
    assert found[0].reasons[0].text == f"has the same {reason}"


def test_an_area_is_found_by_the_code_that_a_statement_gives_it(matcher: Matcher) -> None:
    assert first(matcher.find(Wanted(identifiers=(identifier("nuts", "FRB0"),)))) == "area/centre"


def test_a_number_of_unknown_kind_is_no_proof(matcher: Matcher) -> None:
    (found,) = matcher.find(Wanted(identifiers=(identifier("siren", "732829320"),)))

    assert found.thing == organisation("coded")
    assert not found.is_match
    assert "of which kind is not said" in found.reasons[0].text


def test_another_identifier_of_the_same_kind_speaks_against_a_name(matcher: Matcher) -> None:
    plain = matcher.find(Wanted("Compagnie des moteurs"))[0]
    other = identifier("siren", "732 829 320")

    against = {each.thing: each for each in matcher.find(
        Wanted("Compagnie des moteurs", identifiers=(other,))
    )}[organisation("motors")]  # fmt: skip

    assert plain.is_match
    assert not against.is_match
    assert against.score <= plain.score - 40
    assert "has another SIREN: 552100554" in [each.text for each in against.reasons]


@pytest.mark.parametrize("country", ["FR", "fra", "France", "Frankreich", f"{ID}country/france"])
def test_of_two_of_one_name_the_country_tells_which(matcher: Matcher, country: str) -> None:
    without = matcher.find(Wanted("Mobilis"))
    found = matcher.find(Wanted("Mobilis", country=country))

    assert {each.score for each in without} == {100.0}
    assert not any(each.is_match for each in without)
    assert found[0].thing == organisation("north")
    assert found[0].is_match
    assert "is in Germany, not in France" in [each.text for each in found[1].reasons]


def test_a_country_nobody_knows_says_nothing(matcher: Matcher) -> None:
    assert matcher.find(Wanted("Mobilis", country="Atlantis")) == matcher.find(Wanted("Mobilis"))


@pytest.mark.parametrize("text", ["Bygone works", "Nameless works", "organisation:nameless"])
def test_what_has_no_name_or_is_withdrawn_is_never_offered(matcher: Matcher, text: str) -> None:
    things = {each.thing for each in matcher.find(Wanted(text, limit=50))}
    assert not things & {organisation("gone"), organisation("nameless")}


def test_what_was_imported_again_does_not_keep_from_a_match(matcher: Matcher) -> None:
    found = matcher.find(Wanted("Linked works"))

    assert [each.thing for each in found[:2]] == [organisation("linked"), organisation("again")]
    assert found[0].is_match
    assert "is known from an import alone" in [each.text for each in found[1].reasons]
    assert matcher.find(Wanted("Novelty works"))[0].is_match


def test_a_slip_in_an_import_hides_nothing(matcher: Matcher) -> None:
    found = matcher.find(Wanted("Quartzwerke", but=frozenset((organisation("misspelt"),))))
    assert [each.thing for each in found] == [organisation("quartz")]


def test_what_was_accepted_leads_to_what_it_was_accepted_as(matcher: Matcher) -> None:
    found = matcher.find(Wanted("Quite another name"))

    assert found[0].thing == organisation("linked")
    assert found[0].is_match
    assert organisation("accepted") not in [each.thing for each in found]


def test_a_kind_is_evidence_or_a_condition(matcher: Matcher) -> None:
    cluster = (f"{MP}Cluster",)

    (as_evidence, *_) = matcher.find(Wanted("Linked works", types=cluster))

    assert as_evidence.score < 90
    assert not as_evidence.is_match
    assert matcher.find(Wanted("Linked works", types=cluster, has_type=True)) == []


@pytest.mark.parametrize(
    ("values", "score"),
    [({f"{MP}locatedIn": ("Germany",)}, 100.0), ({f"{MP}locatedIn": ("France",)}, 96.0)],
)
def test_other_values_are_evidence_too(
    matcher: Matcher, values: dict[str, tuple[str, ...]], score: float
) -> None:
    found = {each.thing: each for each in matcher.find(Wanted("Mobilis", values=values))}
    assert found[organisation("south")].score == score


@pytest.mark.parametrize(
    "text", ["", " ", "'", "\0", "%", '"', "a" * 5_000, "OR AND NOT", "(((", "😀"]
)
def test_any_text_may_be_looked_for(matcher: Matcher, text: str) -> None:
    assert all(0 <= each.score <= 100 for each in matcher.find(Wanted(text)))


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("Pole Vehicule du Futur", "cluster/vehicule-du-futur"),
        ("PÔLE VÉHICULE DU FUTUR", "cluster/vehicule-du-futur"),
        ("ACOD", "cluster/acod"),
        ("Movéo", "cluster/moveo"),
        ("moveo", "cluster/moveo"),
        ("Systematic", "cluster/systematic"),
        ("Cap Digital SAS", "cluster/cap-digital"),
        ("CapDigital", "cluster/cap-digital"),
        ("Univ. Louis Pasteur", "organisation/universite-louis-pasteur"),
        ("Université Louis Pasteur", "organisation/universite-louis-pasteur"),
        ("Invest in France Agency (IFA)", "organisation/ifa"),
        ("IFA", "organisation/ifa"),
        ("CCI Grand Est", "organisation/cci-grand-est"),
        ("minalogik", "cluster/minalogic"),
        ("PAE", "project/pae"),
        ("Chambre de commerce (CCI) Grand Est", "organisation/cci-grand-est"),
        ("AMZ Sachsen", "cluster/amz"),
        ("SCS", "cluster/scs"),
        ("Lyon Urban Truck and Bus 2015", "cluster/lyon-urban-truck-and-bus"),
    ],
)
def test_people_write_names_in_their_own_ways(
    shipped_matcher: Matcher, text: str, thing: str
) -> None:
    assert first(shipped_matcher.find(Wanted(text))) == thing


@pytest.mark.parametrize(
    "text",
    ["Silicon Saxony", "BioWin", "Skywin Wallonie", "Automotive Cluster", "Cluster", "Pôle",
     "Agence", "Medical Valley", "Bayern Innovativ GmbH", "Autocluster.NRW",
     "Chamber of Commerce and Industry of Lyon"],
)  # fmt: skip
def test_what_is_not_there_is_matched_to_nothing(shipped_matcher: Matcher, text: str) -> None:
    assert not any(each.is_match for each in shipped_matcher.find(Wanted(text)))


def entities(shared: Path, project: Path) -> dict[str, tuple[str, set[str]]]:
    """Return the names of the reference list with what each is here, by its id there."""
    known: dict[str, set[str]] = {}
    with (project / "data" / "subjects.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            known.setdefault(row["subject"], set()).add(row["iri"])
    found: dict[str, tuple[str, set[str]]] = {}
    with (shared / "truth" / "entities.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            kind, _, slug = row["id"].partition("/")
            if kind in ("areaname", "event") or "phase of" in row["label"]:
                continue  # no thing of its own, or described by a date and not named
            kind = "organisation" if kind == "org" else kind
            slug = folded(slug).replace(" ", "-")
            found[row["id"]] = row["label"], known.get(row["id"], {f"{ID}{kind}/{slug}"})
    return found


def as_it_is(name: str) -> str:
    return name


def in_capitals(name: str) -> str:
    return folded(name).upper()


def with_kind(name: str) -> str:
    return f"Pôle {name}"


def with_form(name: str) -> str:
    return f"{name} e.V."


def with_slip(name: str) -> str:
    """Return *name* with two letters of its longest word in the wrong order, if that is long."""
    word = max(name.split(), key=len)
    middle = len(word) // 2
    if len(word) < 7:
        return name
    return name.replace(
        word, word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    )


@pytest.mark.parametrize(
    ("written", "found_least", "matched_least"),
    [
        (as_it_is, 0.99, 0.85),
        (in_capitals, 0.99, 0.85),
        (with_kind, 0.98, 0.85),
        (with_form, 0.98, 0.85),
        (with_slip, 0.97, 0.75),
    ],
)
def test_the_names_of_the_reference_list_find_their_things(
    shipped_matcher: Matcher, shared: Path, project: Path,
    written: Callable[[str], str], found_least: float, matched_least: float,
) -> None:  # fmt: skip
    named = {
        key: each for key, each in entities(shared, project).items() if not each[0].startswith("[")
    }
    answers = {key: shipped_matcher.find(Wanted(written(name))) for key, (name, _) in named.items()}

    found = {key for key, each in answers.items() if each and each[0].thing in named[key][1]}
    matched = {key for key, each in answers.items() if each and each[0].is_match}
    assert matched <= found, f"matched to something else: {sorted(matched - found)}"
    assert len(found) >= found_least * len(named), f"not found: {sorted(named.keys() - found)}"
    assert len(matched) >= matched_least * len(named), f"in doubt: {sorted(found - matched)}"


def test_what_the_reference_list_has_no_name_for_is_offered_to_nobody(
    shipped_matcher: Matcher, shared: Path, project: Path
) -> None:
    unnamed = [each for each in entities(shared, project).values() if each[0].startswith("[")]
    assert len(unnamed) >= 5
    for name, things in unnamed:
        for text in (name, name.strip("[]"), name.strip("[]").removeprefix("unnamed ")):
            found = shipped_matcher.find(Wanted(text, limit=50))
            assert not things & {each.thing for each in found}
            assert not any(each.is_match for each in found), text
