"""Clusters and areas as features (OGC API Features 1.0, core)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode

from graph.errors import UnknownThing
from graph.namespaces import expanded, short
from graph.publishing.features import api
from graph.publishing.features.selection import Selection, selection_from
from graph.publishing.publisher import publisher_of
from graph.publishing.tables.geojson import encoded, feature, points_of
from graph.publishing.tables.offered import AREAS, CLUSTERS, Table
from graph.publishing.tables.rows import Listing, rows
from graph.publishing.version import version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.publishing.edition import Edition
    from graph.publishing.tables.geojson import Point
    from graph.publishing.tables.rows import Row

COLLECTIONS = {table.name: table for table in (CLUSTERS, AREAS)}


def write_features(edition: Edition) -> None:
    """Write the part of the API that is named, as JSON."""
    root = f"{edition.public_url}ogc"
    publisher = publisher_of(edition.arguments)
    match edition.arguments["part"]:
        case "landing":
            said: Any = api.landing(root, publisher)
        case "conformance":
            said = api.conformance(root)
        case "api":
            said = api.openapi(root, publisher, tuple(COLLECTIONS), version_of(edition.generation))
        case "collections":
            said = _collections(edition, root)
        case "collection":
            said = _collection(edition, root, _named(edition, root))
        case "items":
            said = _items(edition, root, _named(edition, root))
        case _:
            said = _item(edition, root, _named(edition, root))
    if edition.is_wanted:
        edition.out.write(encoded(said))


def _named(edition: Edition, root: str) -> Table:
    name = edition.arguments["collection"]
    if name not in COLLECTIONS:
        known = [
            {"iri": each, "address": f"{root}/collections/{each}", "label": each}
            for each in COLLECTIONS
        ]
        raise UnknownThing(
            f"there is no collection {name[:40]!a}; there are {', '.join(COLLECTIONS)}", known
        )
    return COLLECTIONS[name]


def _collections(edition: Edition, root: str) -> dict[str, Any]:
    described = [_collection(edition, root, table) for table in COLLECTIONS.values()]
    return {"links": api.both(f"{root}/collections", "this document"), "collections": described}


def _collection(edition: Edition, root: str, table: Table) -> dict[str, Any]:
    address = f"{root}/collections/{table.name}"
    return {
        "id": table.name,
        "title": table.titles[0],
        "description": table.says,
        "links": [
            *api.both(address, "this document"),
            api.link(f"{address}/items?f=json", "items", api.GEOJSON, "the features as GeoJSON"),
            api.link(f"{address}/items?f=html", "items", api.HTML, "the features as a page"),
            api.licence_of(publisher_of(edition.arguments)),
            api.link(
                f"{edition.public_url}data/{table.name}.csv-metadata.json",
                "describedby",
                "application/csvm+json",
                "what the properties mean",
            ),
        ],
        "extent": _extent(edition, table),
        "itemType": "feature",
        "crs": [api.CRS84],
    }


def _extent(edition: Edition, table: Table) -> dict[str, Any]:
    """Return where and when features are; what is not known of any is left out."""
    points = [point for row in _rows_about(edition, table, "places") for point in points_of(row)]
    times = [_time(row) for row in _rows_about(edition, table, "times") if any(_time(row))]
    extent: dict[str, Any] = {}
    if points:
        extent["spatial"] = {"bbox": [_bounds(points)], "crs": api.CRS84}
    if times:
        first = min(first for first, _ in times)
        last = "" if any(not last for _, last in times) else max(last for _, last in times)
        interval = [_moment(first, "00:00:00"), _moment(last, "23:59:59")]
        extent["temporal"] = {"interval": [interval], "trs": api.GREGORIAN}
    return extent


def _bounds(points: list[Point]) -> list[float]:
    longitudes, latitudes = zip(*points, strict=True)
    return [min(longitudes), min(latitudes), max(longitudes), max(latitudes)]


def _moment(day: str, time: str) -> str | None:
    return f"{day}T{time}Z" if day else None


def _time(row: Row) -> tuple[str, str]:
    return row.get("stated_from", ""), row.get("stated_to", "")


def _rows_about(edition: Edition, table: Table, what: Literal["places", "times"]) -> Iterator[Row]:
    """Yield where, or when, all features of *table* are, and nothing else of them."""
    listing = table.listing
    query = f"features-{table.name}-{what}"
    return rows(edition, Listing(query, listing.item, listing.found))


def _items(edition: Edition, root: str, table: Table) -> dict[str, Any]:
    selection = selection_from(edition.arguments)
    if not edition.is_wanted:
        return {}
    found = _selected(edition, table, selection)
    end = selection.offset + selection.limit
    shown = rows(edition, table.listing, only=found[selection.offset : end])
    address = f"{root}/collections/{table.name}/items"
    features = [_feature(table, row) for row in shown]
    return {
        "type": "FeatureCollection",
        "timeStamp": edition.generation.built,
        "numberMatched": len(found),
        "numberReturned": len(features),
        "links": [
            *_pages(edition, address, selection, len(found)),
            api.link(f"{root}/collections/{table.name}", "collection", api.JSON, table.titles[0]),
        ],
        "features": features,
    }


def _selected(edition: Edition, table: Table, selection: Selection) -> list[str]:
    """Return the IRIs of what matches, in their order.

    What has no position is in every box, and what has no time in every time (7.15.3, 7.15.4).
    """
    box, span = selection.box, selection.span
    left_out: set[str] = set()
    if box is not None:
        for row in _rows_about(edition, table, "places"):
            points = points_of(row)
            if points and not any(box.holds(point) for point in points):
                left_out.add(row[table.key])
    if span is not None:
        for row in _rows_about(edition, table, "times"):
            first, last = _time(row)
            if (first or last) and not span.meets(first, last):
                left_out.add(row[table.key])
    return [iri for iri in table.listing.items(edition) if iri not in left_out]


def _pages(edition: Edition, address: str, selection: Selection, matched: int) -> list[api.Link]:
    """Return links to this page, to it as HTML, and to those before and after it."""
    asked = {
        name: value
        for name in ("limit", "bbox", "datetime")
        if (value := edition.arguments.get(name, ""))
    }

    def at(offset: int, kind: str = "json") -> str:
        query = {**asked, **({"offset": str(offset)} if offset else {}), "f": kind}
        return f"{address}?{urlencode(query, safe=',:/')}"

    before, after = selection.offset - selection.limit, selection.offset + selection.limit
    links = [
        api.link(at(selection.offset), "self", api.GEOJSON, "these features as GeoJSON"),
        api.link(at(selection.offset, "html"), "alternate", api.HTML, "these features as a page"),
    ]
    if after < matched:
        links.append(api.link(at(after), "next", api.GEOJSON, "the next features"))
    if selection.offset > 0:
        links.append(api.link(at(max(before, 0)), "prev", api.GEOJSON, "the features before"))
    return links


def _item(edition: Edition, root: str, table: Table) -> dict[str, Any]:
    name = edition.arguments["feature"]
    address = f"{root}/collections/{table.name}/items"
    iri = expanded(name) or name
    if iri not in set(table.listing.items(edition)):
        raise UnknownThing(f"there is no feature {name[:80]!a} in {table.name}; {address} has all")
    (row, *_) = rows(edition, table.listing, only=[iri])
    found = _feature(table, row)
    own = f"{address}/{quote(found['id'], safe=':')}"
    collection = f"{root}/collections/{table.name}"
    links = [
        api.link(f"{own}?f=json", "self", api.GEOJSON, "this feature as GeoJSON"),
        api.link(f"{own}?f=html", "alternate", api.HTML, "this feature as a page"),
        api.link(collection, "collection", api.JSON, table.titles[0]),
    ]
    return {**found, "links": links}


def _feature(table: Table, row: Row) -> dict[str, Any]:
    """Return *row* as a feature with an id that is short, where there is a short one."""
    found = feature(table, row)
    name = short(row[table.key])
    identifier = name if expanded(name) == row[table.key] else row[table.key]
    return {**found, "id": identifier}
