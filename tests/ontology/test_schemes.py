"""Every concept has names, a meaning and a place; the printed specialties keep their NACE codes."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.namespaces import DEF, MP, RDF_TYPE, short
from graph.paths import bundled

if TYPE_CHECKING:
    from pathlib import Path

ONTOLOGY = bundled("ontology")
SCHEMES = sorted((ONTOLOGY / "schemes").glob("*.ttl"))
SKOS = "http://www.w3.org/2004/02/skos/core#"
NACE = "http://data.europa.eu/ux2/nace2.1/"
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SPECIALTIES = 119

Values = dict[str, list[ox.NamedNode | ox.Literal]]


@pytest.fixture(scope="module")
def concepts() -> dict[str, Values]:
    """Return the values of every concept by short predicate."""
    found: dict[str, Values] = {}
    for path in SCHEMES:
        for quad in ox.parse(path=str(path)):
            assert isinstance(quad.subject, ox.NamedNode)
            assert isinstance(quad.object, (ox.NamedNode, ox.Literal))
            values = found.setdefault(quad.subject.value, defaultdict(list))
            values[short(quad.predicate.value)].append(quad.object)
    return {iri: values for iri, values in found.items() if is_of(values, SKOS + "Concept")}


def is_of(values: Values, class_iri: str) -> bool:
    return any(node.value == class_iri for node in values[short(RDF_TYPE)])


def iris(values: Values, predicate: str) -> list[str]:
    return [node.value for node in values[predicate]]


def languages(values: Values, predicate: str) -> list[str]:
    return sorted(node.language or "" for node in values[predicate] if isinstance(node, ox.Literal))


def english(values: Values) -> str:
    labels = [node for node in values["skos:prefLabel"] if isinstance(node, ox.Literal)]
    return next(node.value for node in labels if node.language == "en")


@pytest.mark.parametrize("path", SCHEMES, ids=lambda path: path.stem)
def test_a_scheme_is_named_and_explained_in_three_languages(path: Path) -> None:
    scheme = ox.NamedNode(DEF + path.stem)
    values: Values = defaultdict(list)
    for quad in ox.parse(path=str(path)):
        if quad.subject == scheme and isinstance(quad.object, (ox.NamedNode, ox.Literal)):
            values[short(quad.predicate.value)].append(quad.object)
    assert is_of(values, SKOS + "ConceptScheme"), f"{path}: describe {scheme} as skos:ConceptScheme"
    for predicate in ("skos:prefLabel", "skos:definition"):
        assert languages(values, predicate) == ["de", "en", "fr"], (
            f"{path}: give the scheme one {predicate} each in en, fr and de"
        )


def test_every_concept_is_in_the_scheme_of_its_iri(concepts: dict[str, Values]) -> None:
    for iri, values in concepts.items():
        scheme, _, slug = iri.removeprefix(DEF).partition("/")
        assert SLUG.fullmatch(slug), f"{iri}: write words of a-z, 0-9 joined by single hyphens"
        assert iris(values, "skos:inScheme") == [DEF + scheme], (
            f"{short(iri)}: add `skos:inScheme <{DEF}{scheme}>` and no other"
        )


def test_every_concept_is_named_in_three_languages_and_defined(concepts: dict[str, Values]) -> None:
    for iri, values in concepts.items():
        found = languages(values, "skos:prefLabel")
        assert found == ["de", "en", "fr"], (
            f"{short(iri)} has names in {found}; give it one skos:prefLabel each in en, fr and de"
        )
        assert languages(values, "skos:definition") == ["en"], (
            f"{short(iri)}: add one skos:definition in English"
        )


def test_no_two_concepts_of_a_scheme_share_a_name(concepts: dict[str, Values]) -> None:
    owners: dict[tuple[str, str, str | None], str] = {}
    for iri, values in concepts.items():
        scheme = iri.removeprefix(DEF).partition("/")[0]
        for node in values["skos:prefLabel"]:
            assert isinstance(node, ox.Literal)
            assert node.value == " ".join(node.value.split()), f"{short(iri)}: trim {node}"
            other = owners.setdefault((scheme, node.value, node.language), iri)
            assert other == iri, (
                f"{short(iri)} and {short(other)} are both called {node}; tell them apart"
            )


def test_every_concept_has_a_place_in_a_scheme(concepts: dict[str, Values]) -> None:
    for iri, values in concepts.items():
        places = len(values["skos:broader"]), len(values["skos:topConceptOf"])
        assert (places[0] > 0) != (places[1] > 0), (
            f"{short(iri)}: add skos:broader, or skos:topConceptOf if nothing is above it; not both"
        )
        for broader in iris(values, "skos:broader"):
            assert broader in concepts, f"{short(iri)}: {short(broader)} does not exist"


def test_no_concept_is_above_itself(concepts: dict[str, Values]) -> None:
    for iri, values in concepts.items():
        seen: set[str] = set()
        above = iris(values, "skos:broader")
        while above:
            current = above.pop()
            assert current != iri, f"{short(iri)} is broader than itself; remove one skos:broader"
            if current not in seen:
                seen.add(current)
                above += iris(concepts[current], "skos:broader")


@pytest.mark.parametrize(
    ("scheme", "class_name"),
    [
        ("indicator", "Indicator"),
        ("specialty", "Specialty"),
        ("technology", "Technology"),
        ("unit", "Unit"),
    ],
)
def test_the_concepts_of_a_scheme_have_its_class(
    concepts: dict[str, Values], scheme: str, class_name: str
) -> None:
    for iri, values in concepts.items():
        if iri.startswith(f"{DEF}{scheme}/"):
            assert is_of(values, MP + class_name), f"{short(iri)}: add `a mp:{class_name}`"


def test_sectors_stand_below_the_fourteen_ecosystems(concepts: dict[str, Values]) -> None:
    ecosystems = {iri for iri, values in concepts.items() if is_of(values, MP + "Ecosystem")}
    assert len(ecosystems) == 14, "the European Union names fourteen industrial ecosystems"
    for iri, values in concepts.items():
        if iri.startswith(DEF + "sector/"):
            is_sector = iri in ecosystems or is_of(values, MP + "Sector")
            assert is_sector, f"{short(iri)}: add `a mp:Sector`"


def test_only_the_two_groups_of_qualifiers_are_no_qualifiers(concepts: dict[str, Values]) -> None:
    scheme = {iri: values for iri, values in concepts.items() if iri.startswith(DEF + "qualifier/")}
    groups = {short(iri) for iri, values in scheme.items() if not is_of(values, MP + "Qualifier")}
    assert groups == {"qualifier:precise", "qualifier:imprecise"}


def test_an_indicator_says_how_it_behaves_and_in_which_unit(concepts: dict[str, Values]) -> None:
    for iri, values in concepts.items():
        if is_of(values, MP + "Indicator"):
            kinds, units = iris(values, "mp:indicatorKind"), iris(values, "mp:expectedUnit")
            assert [kind in concepts for kind in kinds] == [True], (
                f"{short(iri)}: add one mp:indicatorKind of the scheme indicator-kind"
            )
            assert [unit in concepts for unit in units] == [True], (
                f"{short(iri)}: add one mp:expectedUnit of the scheme unit"
            )
            for broader in iris(values, "skos:broader"):
                assert iris(concepts[broader], "mp:expectedUnit") == units, (
                    f"{short(iri)} and {short(broader)} above it differ in their unit"
                )


def test_a_unit_says_of_which_kind_it_is(concepts: dict[str, Values]) -> None:
    for iri, values in concepts.items():
        if is_of(values, MP + "Unit"):
            kinds = iris(values, "mp:unitKind")
            assert [kind in concepts for kind in kinds] == [True], (
                f"{short(iri)}: add one mp:unitKind of the scheme unit-kind"
            )


def test_the_mapping_of_a_specialty_has_the_quality_it_states(concepts: dict[str, Values]) -> None:
    for iri, values in concepts.items():
        if is_of(values, MP + "Specialty"):
            close, related = values["skos:closeMatch"], values["skos:relatedMatch"]
            expected = "close" if close else "related" if related else "none"
            assert iris(values, "mp:mappingQuality") == [expected], (
                f"{short(iri)}: its matches make its mp:mappingQuality {expected!r}"
            )
            assert not (close and related), f"{short(iri)}: use one of the two kinds of match"


def test_the_specialties_are_the_printed_ones_with_their_nace_codes(
    concepts: dict[str, Values], shared: Path
) -> None:
    expected: dict[str, tuple[set[str], set[str], str]] = {}
    with (shared / "truth" / "specialties.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            text, quality = row["specialty_atom"], row["mapping_quality"]
            sectors, codes, _ = expected.setdefault(text, (set(), set(), quality))
            sectors.update(row["sector_concepts"].split())
            codes.update(row["nace21_divisions"].split())
    actual: dict[str, tuple[set[str], set[str], str]] = {}
    for values in concepts.values():
        if is_of(values, MP + "Specialty"):
            matches = iris(values, "skos:closeMatch") + iris(values, "skos:relatedMatch")
            sectors = {iri.removeprefix(DEF + "sector/") for iri in iris(values, "skos:broader")}
            codes = {iri.removeprefix(NACE) for iri in matches}
            actual[english(values)] = (sectors, codes, iris(values, "mp:mappingQuality")[0])
    assert len(actual) == SPECIALTIES
    for text in expected.keys() | actual.keys():
        assert actual.get(text) == expected.get(text), (
            f"specialty {text!r} has {actual.get(text)}, printed list {expected.get(text)}; "
            "correct schemes/specialty.ttl"
        )
