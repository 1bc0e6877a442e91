"""What things are called: the name to show for one, and in which language that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.addresses import page_of
from graph.namespaces import RDFS, SKOS, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graph.publishing.edition import Edition

_NAMES = tuple(
    ox.NamedNode(iri)
    for iri in (
        SKOS + "prefLabel",
        RDFS + "label",
        "http://purl.org/dc/terms/title",
        "http://xmlns.com/foaf/0.1/name",
    )
)
"""The properties that name a thing, the preferred one first."""
_LANGUAGES = ("en", None, "fr", "de")
"""In this order; None is a name without a language."""


class Names:
    """What things are called in the language of a page, and where the pages about them are.

    The argument `language` of *edition* says which; without it, it is English.
    """

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._languages = _languages_of(edition)
        self._named: dict[str, dict[str, Any]] = {}

    def named(self, iri: str) -> dict[str, Any]:
        """Return *iri* as pages show it: `iri`, `label`, `language` of that, `address` of its page.

        A thing without a name is called by its IRI; a label without a language has none.
        """
        if iri not in self._named:
            self._named[iri] = self._found(iri)
        return self._named[iri]

    def best(self, texts: Iterable[ox.Literal]) -> ox.Literal | None:
        """Return which of *texts* to show on the page: that in its language, if there is one."""
        return _best_text(texts, self._languages)

    def _found(self, iri: str) -> dict[str, Any]:
        address = page_of(iri, self._edition.public_url)
        node, store, union = ox.NamedNode(iri), self._edition.store, self._edition.union
        for name in _NAMES:
            found = list(store.quads_for_pattern(node, name, None, union))
            if found and (label := _best_label(found, self._languages)):
                shown = {"label": label.value, "language": label.language}
                return {"iri": iri, **shown, "address": address}
        return {"iri": iri, "label": short(iri).strip("<>"), "language": None, "address": address}


def shown_name(edition: Edition, iri: str, said: Iterable[ox.Quad] = ()) -> str:
    """Return how to show *iri*: by a name that it has, or had by what is *said*; else its IRI."""
    return name_once(edition, iri, said)[0]


def name_once(edition: Edition, iri: str, said: Iterable[ox.Quad] = ()) -> tuple[str, str | None]:
    """Return the name as `shown_name` does, and its language; that of the page, if there is one."""
    node, languages = ox.NamedNode(iri), _languages_of(edition)
    for name in _NAMES:
        found = edition.store.quads_for_pattern(node, name, None, edition.union)
        if label := _best_label(found, languages):
            return label.value, label.language
    told = [quad for quad in said if quad.subject == node]
    for name in _NAMES:
        if label := _best_label((quad for quad in told if quad.predicate == name), languages):
            return label.value, label.language
    return short(iri), None


def _languages_of(edition: Edition) -> tuple[str | None, ...]:
    """Return in which languages a name is shown, the best first."""
    wished = edition.arguments.get("language", "en")
    return (wished, *(each for each in _LANGUAGES if each != wished))


def _best_label(quads: Iterable[ox.Quad], languages: Sequence[str | None]) -> ox.Literal | None:
    values = (quad.object for quad in quads)
    return _best_text((each for each in values if isinstance(each, ox.Literal)), languages)


def _best_text(texts: Iterable[ox.Literal], languages: Sequence[str | None]) -> ox.Literal | None:
    found = list(texts)
    if len(found) == 1:
        return found[0]
    labels = {each.language: each for each in sorted(found, key=str)}
    for language in languages:
        if language in labels:
            return labels[language]
    return next(iter(labels.values()), None)
