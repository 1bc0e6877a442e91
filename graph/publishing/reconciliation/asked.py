"""What clients of the Reconciliation API send, read and bounded.

Version 0.2 has an object of queries by their keys, the draft of 1.0 a list of conditions each.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

from graph.errors import QueryRejected
from graph.iris import fault_of
from graph.matching.identifiers import Identifier, scheme_named, told_by
from graph.matching.wanted import FEWEST, MOST, Wanted
from graph.namespaces import MP, prefixes
from graph.publishing.reconciliation.limits import (
    MOST_IDS,
    MOST_PROPERTIES,
    MOST_QUERIES,
    MOST_VALUES,
)
from graph.search.folding import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{0,9})?", re.ASCII)
_MOST_GIVEN, _MOST_OF_ONE = 20, 20
"""How many properties a query may have, and how many values each."""
_LOCATED = f"{MP}locatedIn"
_COUNTRY = frozenset((_LOCATED, f"{MP}country"))
Json: TypeAlias = "str | float | bool | list[Json] | dict[str, Json] | None"
Values: TypeAlias = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Asked:
    """The property values of one condition, before anybody knows what they mean."""

    name: str
    texts: tuple[str, ...]
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Extension:
    """A wish for values: of things, of properties, and of each at most so many, in a language."""

    things: tuple[str, ...]
    properties: tuple[tuple[str, int, str], ...]


def read_json(text: str) -> Json:
    """Return what the JSON *text* says; QueryRejected says where it is none."""
    try:
        said = cast("Json", json.loads(text))
        json.dumps(said, ensure_ascii=False).encode()  # an escape may be half a character
    except RecursionError:
        raise QueryRejected("the JSON is nested too deeply; send it flat") from None
    except ValueError as error:
        raise QueryRejected(f"this is no JSON ({error}); see the API's documentation") from None
    return said


def batch_of(text: str) -> dict[str, Wanted]:
    """Read a batch of version 0.2: queries by their keys."""
    said = read_json(text)
    if not isinstance(said, dict) or not said:
        raise QueryRejected("'queries' is an object with a query for each key; send one")
    _refuse_many(len(said))
    return {str(key): _query(query, f"query {key[:40]!a}") for key, query in said.items()}


def single_of(text: str) -> Wanted:
    """Read one query of version 0.1: an object, or the name alone."""
    is_object = text.lstrip().startswith("{")
    return _query(read_json(text) if is_object else {"query": text}, "'query'")


def conditions_of(text: str) -> list[Wanted]:
    """Read a batch of the draft of 1.0: a list of queries, each with its conditions."""
    said = read_json(text)
    queries = _list(_object(said, "the body").get("queries"), "'queries'")
    _refuse_many(len(queries))
    return [_conditions(query, f"query {number}") for number, query in enumerate(queries, 1)]


def extension_of(text: str) -> Extension:
    """Read a wish for values, which both versions write alike."""
    said = _object(read_json(text), "'extend'")
    things, properties = said.get("ids"), said.get("properties")
    if not isinstance(things, list) or not isinstance(properties, list):
        raise QueryRejected("to extend, send lists of 'ids' and of 'properties'")
    if len(things) > MOST_IDS or len(properties) > MOST_PROPERTIES:
        raise QueryRejected(
            f"there are {len(things)} ids and {len(properties)} properties; send at most "
            f"{MOST_IDS} and {MOST_PROPERTIES} at once"
        )
    ids = tuple(_text(each, "an id") for each in things)
    return Extension(ids, tuple(_property(each) for each in properties))


def full_iri(text: str) -> str:
    """Return the IRI that *text* is, in full, with a known prefix, or as a term of ours."""
    prefix, colon, name = text.partition(":")
    if not colon:
        return MP + text
    known = prefixes()
    return known[prefix] + name if prefix in known else text


def wanted_from(
    text: str,
    types: tuple[str, ...],
    conditions: Iterable[Asked],
    *,
    has_type: bool = True,
    limit: int = FEWEST,
) -> Wanted:
    """Return what is wanted, with what each of *conditions* means: a number, a country, a value."""
    identifiers: list[Identifier] = []
    values: dict[str, tuple[str, ...]] = {}
    required: set[str] = set()
    country = ""
    for each in conditions:
        iri = full_iri(each.name)
        if scheme := scheme_named(each.name) or scheme_named(iri):
            read = ((scheme.read(text), text) for text in each.texts)
            identifiers += [Identifier(scheme, value) for value, _ in read if value]
        elif iri in _COUNTRY:
            country = next(iter(each.texts), "")
            if each.is_required:
                values[_LOCATED] = each.texts
                required.add(_LOCATED)
        else:
            identifiers += [found for text in each.texts for found in told_by(text)]
            values[iri] = each.texts
            required |= {iri} if each.is_required else set()
    return Wanted(
        text, tuple(dict.fromkeys(identifiers)), country, types, has_type=has_type, values=values,
        required=frozenset(required), limit=limit,
    )  # fmt: skip


def _query(said: Json, where: str) -> Wanted:
    query = _object(said, where)
    name = query.get("query", "")
    if not isinstance(name, str):
        raise QueryRejected(f"{where}: 'query' is no text; send a name")
    given = _list(query.get("properties", []), f"{where}: 'properties'")
    conditions = [
        Asked(_text(each.get("pid", each.get("p", "")), where), tuple(_texts(each.get("v"))))
        for each in (_object(each, where) for each in given[:_MOST_GIVEN])
    ]
    strict = query.get("type_strict", "any")
    return wanted_from(
        name[:LONGEST], tuple(_types(query.get("type"))), conditions,
        has_type=strict != "should", limit=_limit(query, where),
    )  # fmt: skip


def _conditions(said: Json, where: str) -> Wanted:
    query = _object(said, where)
    given = [
        _object(each, where) for each in _list(query.get("conditions"), f"{where}: 'conditions'")
    ]
    if not given:
        raise QueryRejected(f"{where} has no conditions; send one at least")
    name = ""
    conditions: list[Asked] = []
    for each in given[:_MOST_GIVEN]:
        texts = tuple(_texts(each.get("propertyValue", each.get("v"))))
        if each.get("matchType") == "name":
            name = next(iter(texts), "")
        elif each.get("matchType") == "property":
            pid = _text(each.get("propertyId", each.get("pid", "")), where)
            conditions.append(Asked(pid, texts, each.get("required") is True))
        else:
            raise QueryRejected(f"{where}: 'matchType' is 'name' or 'property'; send one of them")
    types = tuple(_types(query.get("type")))
    return wanted_from(name[:LONGEST], types, conditions, limit=_limit(query, where))


def _property(said: Json) -> tuple[str, int, str]:
    wish = _object(said, "a property")
    settings = wish.get("settings")
    settings = settings if isinstance(settings, dict) else {}
    limit, language = str(settings.get("limit") or 0).strip(), settings.get("language")
    if not _NUMBER.fullmatch(limit):
        raise QueryRejected(f"'limit' is {limit[:40]!a}; it is a number")
    most = min(int(float(limit)) or MOST_VALUES, MOST_VALUES)
    return _text(wish.get("id"), "a property"), most, str(language or "")[:40].lower()


def _types(said: Json) -> Iterator[str]:
    """Yield the types that a query names, as texts or as objects."""
    for each in said if isinstance(said, list) else [said]:
        name = each.get("id") if isinstance(each, dict) else each
        if isinstance(name, str) and name.strip():
            iri = full_iri(name.strip()[:LONGEST])
            if fault := fault_of(iri):
                raise QueryRejected(f"'type' is {name[:40]!a}, which is no IRI ({fault})")
            yield iri


def _texts(said: Json) -> Iterator[str]:
    for each in (said if isinstance(said, list) else [said])[:_MOST_OF_ONE]:
        if isinstance(each, dict):
            yield from (str(each[key])[:LONGEST] for key in ("id", "name") if each.get(key))
        elif isinstance(each, bool):
            yield "true" if each else "false"
        elif isinstance(each, str | int | float) and str(each).strip():
            yield str(each).strip()[:LONGEST]


def _limit(query: Values, where: str) -> int:
    limit = query.get("limit", FEWEST)
    if isinstance(limit, str) and limit.isdecimal():
        limit = int(limit[:9])
    if limit is None:
        return FEWEST
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not 1 <= limit < 10**9:
        raise QueryRejected(f"{where}: 'limit' is {str(limit)[:40]!a}; it is a number from 1 on")
    return min(int(limit), MOST)


def _refuse_many(count: int) -> None:
    if count > MOST_QUERIES:
        raise QueryRejected(f"there are {count} queries in one batch; send at most {MOST_QUERIES}")


def _object(said: Json, where: str) -> Values:
    if not isinstance(said, dict):
        raise QueryRejected(f"{where} is no JSON object; send one")
    return said


def _list(said: Json, where: str) -> list[Json]:
    if not isinstance(said, list):
        raise QueryRejected(f"{where} is no JSON array; send one")
    return said


def _text(said: Json, where: str) -> str:
    if not isinstance(said, str) or len(said) > LONGEST:
        raise QueryRejected(f"{where}: an id is a text of at most {LONGEST} characters")
    return said
