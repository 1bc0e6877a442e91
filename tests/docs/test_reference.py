"""The generated pages are up to date, and say what there is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import DEF, MP, short
from graph.reference import ontology_reference
from server.limits import AllLimits, documented
from server.limits_page import PAGE, page

if TYPE_CHECKING:
    from pathlib import Path


def test_the_ontology_reference_is_up_to_date(project: Path) -> None:
    page = (project / "docs" / "reference" / "ontology.md").read_text(encoding="utf-8")

    assert page == ontology_reference(project / "ontology", project / "data"), (
        "write it anew with `python -m graph.reference`"
    )


def test_the_page_of_limits_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "write it anew with `python -m server.limits_page`"
    )
    assert all(f"`{limit.name}`" in page() for limit in documented(AllLimits()))


def test_every_term_and_every_concept_is_in_the_reference(project: Path) -> None:
    page = (project / "docs" / "reference" / "ontology.md").read_text(encoding="utf-8")
    defined = {
        triple.subject.value
        for folder in ("terms", "schemes")
        for path in (project / "ontology" / folder).glob("*.ttl")
        for triple in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
        if isinstance(triple.subject, ox.NamedNode)
        and triple.predicate.value.endswith(("#isDefinedBy", "#inScheme"))
    }

    assert len(defined) > 400
    headings = set(re.findall(r"^### (\S+)$", page, flags=re.MULTILINE))
    assert (
        sorted(
            iri
            for iri in defined
            if f"`{short(iri)}`" not in page
            and iri.removeprefix(DEF) not in headings
            and short(iri) not in headings
        )
        == []
    )


def test_every_class_that_is_used_has_an_example(project: Path) -> None:
    page = (project / "docs" / "reference" / "ontology.md").read_text(encoding="utf-8")
    sections = re.split(r"^### ", page, flags=re.MULTILINE)[1:]
    used = {
        value.removeprefix(MP)
        for path in (project / "data").rglob("*.ttl")
        for triple in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
        if triple.predicate.value.endswith("#type")
        for value in [str(getattr(triple.object, "value", ""))]
    }

    without = [
        section.split("\n", 1)[0]
        for section in sections
        if section.startswith("mp:")
        and section.split("\n", 1)[0].removeprefix("mp:") in used
        and "```turtle" not in section
    ]
    assert without == []
