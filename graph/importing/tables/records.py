"""Read lists of records: JSON, results of SPARQL queries, features of GeoJSON, packages of CKAN.

A record is flattened: what is within an object is called `outer.inner`. A list of plain values is
a cell with several values, and so is one field of the objects in a list.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, cast
from urllib.parse import quote

from graph.importing.tables.rows import Cell, Row, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Shape = Literal["json", "results", "geojson", "ckan"]
_DEEPEST = 8
_SHOWN = 60


def record_rows(
    file: BinaryIO, shape: Shape, path: str, matches: Callable[[Sequence[str]], None]
) -> Iterator[Row]:
    """Yield one row for each record; *path* leads to their list (`result.items`).

    *matches* is called with all names that occur.
    """
    file.seek(0)
    try:
        content: Any = json.load(file)
    except (ValueError, RecursionError) as error:
        raise refused(
            f"it is no JSON in UTF-8 ({error})", "correct it, or look at its format"
        ) from error
    records = [dict(each) for each in _RECORDS[shape](content, path)]
    names = list(dict.fromkeys(name for record in records for name in record))
    matches(names)
    for number, record in enumerate(records, 1):
        yield Row(number, tuple(record.get(name) for name in names))


def _of_json(content: Any, path: str) -> Iterator[dict[str, Cell]]:  # noqa: ANN401 -- any JSON
    for number, record in enumerate(_list_at(content, path), 1):
        yield dict(_flat(_object(record, number), ""))


def _of_results(content: Any, _: str) -> Iterator[dict[str, Cell]]:  # noqa: ANN401 -- any JSON
    """SPARQL 1.1 Query Results JSON Format, as the Wikidata Query Service gives it."""
    for number, record in enumerate(_list_at(content, "results.bindings"), 1):
        yield {
            name: str(_object(term, number).get("value", ""))
            for name, term in _object(record, number).items()
        }


def _of_geojson(content: Any, _: str) -> Iterator[dict[str, Cell]]:  # noqa: ANN401 -- any JSON
    """RFC 7946; a place is where its point is, or the middle of the box around it."""
    features = [content] if _is_feature(content) else _list_at(content, "features")
    for number, feature in enumerate(features, 1):
        each = _object(feature, number)
        record: dict[str, Cell] = {}
        if each.get("id") is not None:
            record["id"] = str(each["id"])
        record |= dict(_flat(_object(each.get("properties") or {}, number), ""))
        yield record | _place(each.get("geometry"), number)


def _is_feature(content: Any) -> bool:  # noqa: ANN401 -- any JSON
    return isinstance(content, dict) and cast("Any", content).get("type") == "Feature"


def _list_at(content: Any, path: str) -> list[Any]:  # noqa: ANN401 -- any JSON
    found = content
    for name in filter(None, path.split(".")):
        if not isinstance(found, dict) or name not in cast("dict[str, Any]", found):
            raise refused(
                f"there is no {path!r} in it ({name!r} is missing)",
                "say with --records where the list of records is, as in 'result.items'",
            )
        found = cast("dict[str, Any]", found)[name]
    if not isinstance(found, list):
        raise refused(
            f"there is no list at {path or 'the top'!r}, but {_shown(found)}",
            "say with --records where the list of records is, as in 'result.items'",
        )
    return cast("list[Any]", found)


def _object(record: Any, number: int) -> dict[str, Any]:  # noqa: ANN401 -- any JSON
    if not isinstance(record, dict):
        raise refused(
            f"record {number} is no object, but {_shown(record)}",
            "give a list of objects", row=number,
        )  # fmt: skip
    return cast("dict[str, Any]", record)


def _flat(record: dict[str, Any], before: str, depth: int = 0) -> Iterator[tuple[str, Cell]]:
    for name, value in record.items():
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from _flat(cast("dict[str, Any]", value), f"{before}{name}.", depth + 1)
        elif isinstance(value, list):
            yield from _several(cast("list[Any]", value), f"{before}{name}", depth + 1)
        elif not isinstance(value, dict):
            yield f"{before}{name}", value


def _several(values: list[Any], name: str, depth: int) -> Iterator[tuple[str, Cell]]:
    plain = [each for each in values if not isinstance(each, dict | list)]
    if plain:
        yield name, plain
    fields: dict[str, list[Any]] = {}
    for each in values:
        if isinstance(each, dict) and depth < _DEEPEST:
            for field, value in _flat(cast("dict[str, Any]", each), f"{name}.", depth + 1):
                fields.setdefault(field, []).extend(value if isinstance(value, list) else [value])
    yield from fields.items()


def _of_ckan(content: Any, site: str) -> Iterator[dict[str, Cell]]:  # noqa: ANN401 -- any JSON
    """What `package_search` answers: a record for each dataset, and one for each resource."""
    for number, package in enumerate(_list_at(content, "result.results"), 1):
        dataset = dict(_object(package, number))
        resources: list[Any] = dataset.pop("resources", None) or []
        name = str(dataset.get("name") or dataset.get("id") or "")
        address = f"{site.rstrip('/')}/dataset/{quote(name)}"
        yield {"key": name, "dataset": address, **dict(_flat(dataset, ""))}
        for place, resource in enumerate(resources, 1):
            each = _object(resource, number)
            own = str(each.get("id") or place)
            yield {
                "key": f"{name}/{own}",
                "dataset": address,
                "resource": f"{address}/resource/{quote(own, safe='')}",
                **{f"resource.{field}": value for field, value in _flat(each, "")},
            }


def _place(geometry: Any, number: int) -> dict[str, Cell]:  # noqa: ANN401 -- any JSON
    if geometry is None:
        return {}
    points = list(_points(_object(geometry, number)))
    if not points:
        return {}
    longitudes, latitudes = zip(*points, strict=True)
    longitude = (min(longitudes) + max(longitudes)) / 2
    latitude = (min(latitudes) + max(latitudes)) / 2
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise refused(
            f"feature {number} is at longitude {longitude:g}, latitude {latitude:g}",
            "give degrees of WGS 84, the longitude first (RFC 7946); reproject what is in metres",
            row=number, column="geometry", found=f"{longitude:g}, {latitude:g}",
        )  # fmt: skip
    return {"longitude": f"{longitude:.6f}", "latitude": f"{latitude:.6f}"}


def _points(geometry: dict[str, Any]) -> Iterator[tuple[float, float]]:
    waiting: list[Any] = [geometry.get("coordinates"), *geometry.get("geometries", [])]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            inner = cast("dict[str, Any]", each)
            waiting += [inner.get("coordinates"), *inner.get("geometries", [])]
        elif isinstance(each, list):
            values = cast("list[Any]", each)
            if len(values) >= 2 and all(isinstance(n, int | float) for n in values[:2]):
                yield float(values[0]), float(values[1])
            else:
                waiting += values


def _shown(value: Any) -> str:  # noqa: ANN401 -- any JSON
    return repr(value)[:_SHOWN]


_RECORDS: dict[Shape, Callable[[Any, str], Iterable[dict[str, Cell]]]] = {
    "json": _of_json,
    "results": _of_results,
    "geojson": _of_geojson,
    "ckan": _of_ckan,
}
