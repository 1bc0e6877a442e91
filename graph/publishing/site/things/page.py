"""What the page about a thing shows: the statements about it, part by part.

Its arguments are those of `resource`, and `language`. What is derived tells no time, so a view of a
day has none of it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from graph.namespaces import DEF, ID, MP, short
from graph.publishing.labels import Names
from graph.publishing.pictures.meaning import key_of
from graph.publishing.pictures.offered import pictures_at
from graph.publishing.site.figures import figure_values, figures_about
from graph.publishing.site.pictured import NOTHING, network_around
from graph.publishing.site.things.asking import by_label
from graph.publishing.site.things.disagreement import claims_side_by_side, disagreements
from graph.publishing.site.things.identity import described_for_search_engines, stated_kinds
from graph.publishing.site.things.layout import FACTS, PLACES, tables_for
from graph.publishing.site.things.listing import listing_address, tools_of_thing
from graph.publishing.site.things.own import own_parts
from graph.publishing.site.things.related import partners_of_partners, similar_clusters
from graph.publishing.site.things.statements import MOST_ROWS, Statements, shortened
from graph.publishing.things.description import Neighbourhood, page_count
from graph.publishing.things.documents import require_page, wish_of
from graph.publishing.things.formats import formats_of_thing
from graph.publishing.things.query import query_about

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.publishing.edition import Edition
    from graph.publishing.site.things.statements import Told
    from graph.publishing.things.description import Wish

_ROLES_OF_MANAGERS = frozenset(f"{DEF}role/{name}" for name in ("manager", "managing-organisation"))
_SUBJECTS = ("labelled", "member", "group", "partner", "participant", "undertaking")
"""The properties that say best whom a statement is about."""
_DRAWN = frozenset(("Actor", "Undertaking"))
"""What has a place in the network."""
_CLUSTER = f"{ID}cluster/"
_MOST_COMPARED = 5
_MOST_SUBJECTS = 4
_MOST_TOLD = 4
_FACETS = {"area": "region", "country": "country", "sector": "sector"}
"""What the directory calls the kinds of things that it sorts clusters by."""
_WORTH_HAVING = {
    "Cluster": ("places", "fields", "members", "figures", "pages"),
    "Organisation": ("places",),
}
"""What everything of a class has, whether a source tells it or not."""


def write_thing_page(edition: Edition) -> None:
    """Write what the page about a thing shows, as JSON."""
    wish = wish_of(edition)
    page = _Page(edition, wish)
    require_page(wish, page.pages)
    if edition.is_wanted:
        edition.out.write(json.dumps(page.values(), ensure_ascii=False).encode())


class _Page:
    def __init__(self, edition: Edition, wish: Wish) -> None:
        self._edition = edition
        self._wish = wish
        self._thing = wish.thing
        self._names = Names(edition)
        self._statements = Statements(edition, self._names, wish.day)
        self._entries = Neighbourhood(edition.store, wish.thing, wish.day).size
        self._kinds = self._statements.kinds(wish.thing)
        self._cut: set[str] = set()
        """The parts that have more rows than are told."""
        self.pages = page_count(self._entries)

    def values(self) -> dict[str, Any]:
        named = self._names.named(self._thing.value)
        facts = {name: self._rows(name) for name in FACTS}
        tables = self._tables()
        figures = self._figures()
        derived = self._derived()
        day = self._wish.day
        return {
            **named,
            "label": shortened(named["label"]),
            "kinds": stated_kinds(self._edition, self._names, self._kinds),
            "classes": sorted(self._kinds),
            "key": key_of(self._thing.value),
            **self._heading(named),
            "summary": self._summary(facts, tables),
            "is_unnamed": self._statements.text(self._thing, "unnamed") == "true",
            "asof": day.isoformat() if day else None,
            "entries": self._entries,
            "listing": listing_address(self._wish, self._edition.public_url),
            "directory": self._directory(),
            "text": {"state": "none"},
            "facts": facts,
            "managers": _managers(tables),
            "figures": figures,
            "disagreements": disagreements(self._edition, self._thing.value, figures),
            "compared_claims": claims_side_by_side(tables.get("claims", {"rows": []})["rows"]),
            "tables": [{"name": name, **tables[name]} for name in tables],
            "timeline": self._timeline(tables),
            "gaps": self._rows("gaps"),
            "missing": self._missing(facts, tables, figures),
            **derived,
            **own_parts(self._statements, self._thing, self._kinds),
            "schema_org": described_for_search_engines(
                self._edition, self._thing.value, named["label"], self._kinds
            ),
            "tools": self._tools(is_drawn=bool(derived["network"]["drawing"])),
        }

    def _rows(self, name: str) -> list[Told]:
        place = PLACES[name]
        nodes = self._statements.at(place, self._thing)
        if len(nodes) > MOST_ROWS:
            self._cut.add(name)
        rows = (self._statements.told(node, place.columns) for node in nodes[:MOST_ROWS])
        return sorted((self._without_itself(row) for row in rows), key=_order)

    def _tables(self) -> dict[str, Told]:
        """Return the tables that have rows, by name."""
        found: dict[str, Told] = {}
        for name in tables_for(self._kinds):
            if rows := self._rows(name):
                found[name] = {
                    "columns": self._columns(name, rows),
                    "rows": rows,
                    "is_whole": name not in self._cut,
                    "others": self._others(name, rows) if name in self._cut else [],
                    "is_dated": any(row["time"]["from"] or row["time"]["to"] for row in rows),
                }
        return found

    def _others(self, name: str, rows: Iterable[Told]) -> list[Told]:
        """Return who else is in a table that was cut, by name alone."""
        place = PLACES[name]
        told = {each.get("iri") for row in rows for each in row["cells"][place.columns[0]]}
        found = self._statements.others_at(place, self._thing)
        return sorted((self._names.named(each) for each in found if each not in told), key=by_label)

    def _columns(self, name: str, rows: Iterable[Told]) -> list[dict[str, Any]]:
        """Return the columns in which some row has something, each with its name."""
        used = [
            column for column in PLACES[name].columns if any(row["cells"][column] for row in rows)
        ]
        return [{"name": each, "title": self._names.named(MP + each)} for each in used]

    def _without_itself(self, row: Told) -> Told:
        """Leave out the thing itself, which a statement of equals names, too."""
        for name, values in row["cells"].items():
            others = [each for each in values if each.get("iri") != self._thing.value]
            row["cells"][name] = self._amounts(others) if name == "amount" else others
        return row

    def _amounts(self, values: Iterable[Told]) -> list[Told]:
        return [figure_values(self._edition, self._names, each["iri"]) for each in values]

    def _figures(self) -> list[Told]:
        return figures_about(
            self._edition, self._names, self._thing.value, self._wish.day, MOST_ROWS
        )

    def _timeline(self, tables: dict[str, Told]) -> list[Told]:
        """Return what happened to the thing, in its order; what has no day comes last."""
        moments = [
            *(self._moment(row, row["cells"]["milestoneKind"]) for row in self._rows("milestones")),
            *(
                self._moment(row, row["cells"]["category"], row["cells"]["programme"])
                for row in tables.get("labels", {"rows": []})["rows"]
            ),
            *(
                self._moment(row, [self._names.named(MP + name)], row["cells"][name])
                for place, name in (("predecessors", "predecessor"), ("successors", "successor"))
                for row in self._rows(place)
            ),
        ]
        return sorted(moments, key=lambda each: each["time"]["from"] or "9999")

    def _moment(self, row: Told, what: list[Told], who: Iterable[Told] = ()) -> Told:
        return {**row, "what": what, "who": list(who)}

    def _missing(
        self, facts: dict[str, list[Told]], tables: dict[str, Told], figures: list[Told]
    ) -> list[str]:
        there = {**facts, **tables, "figures": figures}
        wanted = next((names for kind, names in _WORTH_HAVING.items() if kind in self._kinds), ())
        return [name for name in wanted if not there.get(name)]

    def _derived(self) -> dict[str, Any]:
        """Return what follows from the statements about several things."""
        if self._wish.day:
            return {"similar": [], "compare": "", "second_degree": [], "network": NOTHING}
        is_cluster = "Cluster" in self._kinds
        near = (self._edition, self._names, self._thing)
        similar = similar_clusters(*near) if is_cluster else []
        return {
            "similar": similar,
            "compare": self._compared([each["thing"]["iri"] for each in similar]),
            "second_degree": partners_of_partners(*near),
            "network": network_around(*near) if self._kinds & _DRAWN else NOTHING,
        }

    def _compared(self, similar: list[str]) -> str:
        """Return where the cluster is compared with those that are like it."""
        clusters = [self._thing.value, *similar][:_MOST_COMPARED]
        slugs = [("c", each.removeprefix(_CLUSTER)) for each in clusters if _CLUSTER in each]
        return f"{self._edition.public_url}compare?{urlencode(slugs)}" if len(slugs) > 1 else ""

    def _heading(self, named: dict[str, Any]) -> dict[str, Any]:
        """Return whether the thing has a name, and else whom it is about or what it says."""
        is_named = named["language"] is not None or named["label"] != short(named["iri"])
        of: list[Told] = []
        if not is_named:
            statements, thing = self._statements, self._thing
            of = (
                statements.values(thing, "printedAs")
                or [value for name in _SUBJECTS for value in statements.values(thing, name)]
                or statements.values(thing, "about")
            )
        of = [
            {"label": shortened(each.get("label") or each["text"]), "language": each["language"]}
            for each in {each.get("iri", ""): each for each in of}.values()
        ][:_MOST_SUBJECTS]
        return {"is_named": is_named, "of": of, "of_text": " – ".join(each["label"] for each in of)}

    def _summary(
        self, facts: dict[str, list[Told]], tables: dict[str, Told]
    ) -> dict[str, list[Told]]:
        """Return the few things that say most of the thing."""
        rows = {"places": facts["places"], "fields": facts["fields"], "managers": _managers(tables)}
        column = {"places": "area", "fields": "field", "managers": "member"}
        return {
            name: _first_of([value for row in rows[name] for value in row["cells"][column[name]]])
            for name in rows
        }

    def _directory(self) -> str:
        """Return where all clusters of the area or concept are; "" if it has no such place."""
        kind, _, slug = self._thing.value.removeprefix(DEF).removeprefix(ID).partition("/")
        if kind not in _FACETS:
            return ""
        return f"{self._edition.public_url}clusters?{_FACETS[kind]}={quote(slug, safe='')}"

    def _tools(self, *, is_drawn: bool) -> dict[str, Any]:
        formats = formats_of_thing(self._edition.store, self._thing)
        query = query_about(self._thing, self._wish.day)
        told = tools_of_thing(self._wish, self._edition.public_url, formats, query)
        if not is_drawn:
            return told
        asked = [("focus", key_of(self._thing.value))]
        return {**told, "pictures": pictures_at(self._edition, "network", asked)}


def _managers(tables: dict[str, Told]) -> list[Told]:
    """Return the memberships of those who run it."""
    return [
        row
        for row in tables.get("members", {"rows": []})["rows"]
        if any(role.get("iri") in _ROLES_OF_MANAGERS for role in row["cells"]["role"])
    ]


def _first_of(values: list[Told]) -> list[Told]:
    return list({each["iri"]: each for each in values if "iri" in each}.values())[:_MOST_TOLD]


def _order(row: Told) -> tuple[object, ...]:
    nothing: Told = {}
    first: Told = next((values[0] for values in row["cells"].values() if values), nothing)
    name = first.get("label") or first.get("text") or ""
    return (name.casefold() if isinstance(name, str) else "", row["time"]["from"], row["iri"])
