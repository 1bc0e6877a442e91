"""Changes, versions and feeds over HTTP: what they say, and how long caches may keep it."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import httpx2
import pyoxigraph as ox
import pytest

from graph.namespaces import RDF_TYPE

from .conftest import Serve, publish
from .writers import PUBLIC, Writer, writing

FIXED = "public, max-age=31536000, immutable"
GROWING = "public, max-age=10"
AS = "https://www.w3.org/ns/activitystreams#"
TREE = "https://w3id.org/tree#"
ATOM = {"atom": "http://www.w3.org/2005/Atom"}
HOSTILE = '<script>alert(1)</script> ]]> & \\u0001 \\" \U0001f600'
FIRST = f"""
PREFIX : <http://example.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
GRAPH :g {{
    :ada skos:prefLabel "Ada"@en ; :age 36 ; :knows :bob .
    :bob skos:prefLabel "{HOSTILE}"@en ; :at [ :in :rome ] .
}}
"""
INTO = "PREFIX : <http://example.org/> INSERT DATA { GRAPH :g { %s } }"
"""An update."""
BIRTHDAY = """
PREFIX : <http://example.org/>
WITH :g DELETE { :ada :age 36 } INSERT { :ada :age 37 } WHERE {}
"""


@pytest.fixture(scope="module")
def store_of_changes(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    """A server that has made three commits: a change, a creation of many, and a deletion.

    They are shown by the generations 3 to 5: in the second, what is derived was derived anew.
    """
    store = tmp_path_factory.mktemp("changes") / "store"
    publish(store, FIRST)
    many = " ".join(f":many{number:03} :is {number} ." for number in range(300))
    with writing(serve, store, "--keep-generations", 9) as writer:
        for update in (
            BIRTHDAY,
            INTO % many,
            "PREFIX : <http://example.org/> DELETE WHERE { GRAPH :g { :bob ?p ?o } }",
        ):
            assert writer.update(update).status_code == 204
        yield writer


def get(writer: Writer, path: str, accept: str = "*/*") -> httpx2.Response:
    headers = {"Accept": accept}
    return httpx2.get(writer.server.url + path, headers=headers, timeout=60)


def at_home(address: str) -> str:
    """Return the path of an address of the server."""
    assert address.startswith(PUBLIC)
    parts = urlsplit(address.removeprefix(PUBLIC))
    return parts.path + (f"?{parts.query}" if parts.query else "")


def dataset(answer: httpx2.Response) -> set[ox.Quad]:
    assert answer.status_code == 200, answer.text
    media_type = answer.headers["content-type"].partition(";")[0]
    return set(ox.parse(answer.content, ox.RdfFormat.from_media_type(media_type)))


# The stream


def pages(writer: Writer, accept: str = "application/trig") -> dict[str, httpx2.Response]:
    """Follow all relations from the first document on, as a client does."""
    found: dict[str, httpx2.Response] = {}
    waiting = [f"{PUBLIC}/ldes"]
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        found[address] = get(writer, at_home(address), accept)
        for quad in dataset(found[address]):
            if quad.predicate.value == TREE + "node":
                waiting.append(quad.object.value)  # type: ignore[union-attr]
    return found


def members(answers: dict[str, httpx2.Response]) -> dict[str, set[ox.Quad]]:
    """Return what is said in the graph of each member."""
    said: dict[str, set[ox.Quad]] = {}
    for answer in answers.values():
        for quad in dataset(answer):
            if quad.predicate.value == TREE + "member":
                said.setdefault(quad.object.value, set())  # type: ignore[union-attr]
        for quad in dataset(answer):
            if isinstance(quad.graph_name, ox.NamedNode):
                said[quad.graph_name.value].add(quad)
    return said


def activities(said: dict[str, set[ox.Quad]]) -> list[tuple[str, str]]:
    """Return the kinds and objects of all activities."""
    found: list[tuple[str, str]] = []
    for activity, quads in said.items():
        about = {
            quad.predicate.value: str(quad.object).strip("<>")
            for quad in quads
            if quad.subject == ox.NamedNode(activity)
        }
        found.append((about[RDF_TYPE].removeprefix(AS), about[AS + "object"]))
    return sorted(found)


def test_the_stream_tells_of_all_that_was_created_changed_and_deleted(
    store_of_changes: Writer,
) -> None:
    said = members(pages(store_of_changes))
    many = [("Create", f"http://example.org/many{number:03}") for number in range(300)]
    assert activities(said) == sorted(
        [
            *many,
            ("Create", "http://example.org/ada"),
            ("Create", "http://example.org/bob"),
            ("Update", "http://example.org/ada"),
            ("Delete", "http://example.org/bob"),
        ]
    )
    (last,) = (
        quads for quads in said.values() if any(AS + "Update" in str(each) for each in quads)
    )
    ages = {quad.object for quad in last if quad.predicate.value.endswith("/age")}
    assert ages == {ox.Literal(37)}, "what is said of it afterwards"


@pytest.mark.parametrize("accept", ["application/n-quads", "application/ld+json"])
def test_every_format_with_graphs_says_the_same(store_of_changes: Writer, accept: str) -> None:
    assert members(pages(store_of_changes, accept)) == members(pages(store_of_changes))


def test_a_format_without_graphs_tells_of_the_activities_alone(store_of_changes: Writer) -> None:
    quads = {
        quad for page in pages(store_of_changes, "text/turtle").values() for quad in dataset(page)
    }
    objects = [quad for quad in quads if quad.predicate.value == AS + "object"]
    assert len(objects) == 304
    assert not [quad for quad in quads if quad.subject == ox.NamedNode("http://example.org/ada")]


def test_a_full_page_is_fixed_and_the_last_one_is_not(store_of_changes: Writer) -> None:
    found = pages(store_of_changes)
    lasting = {
        address.rpartition("-")[2]: answer.headers["cache-control"]
        for address, answer in found.items()
    }
    assert lasting == {f"{PUBLIC}/ldes": GROWING, "0": FIXED, "1": GROWING}


def test_a_client_that_comes_back_gets_only_what_is_new(store_of_changes: Writer) -> None:
    before = pages(store_of_changes)
    update = INTO % ":new :is 1"
    assert store_of_changes.update(update).status_code == 204
    delete = update.replace("INSERT", "DELETE")
    try:
        after = pages(store_of_changes)
        fixed = [name for name, page in before.items() if page.headers["cache-control"] == FIXED]
        assert fixed
        assert all(after[name].content == before[name].content for name in fixed)
        new = {name: members(after)[name] for name in members(after).keys() - members(before)}
        assert activities(new) == [("Create", "http://example.org/new")]
    finally:
        assert store_of_changes.update(delete).status_code == 204
    new = {
        name: said for name, said in members(pages(store_of_changes)).items()
        if name not in members(after)
    }  # fmt: skip
    assert activities(new) == [("Delete", "http://example.org/new")]


@pytest.mark.parametrize(
    ("page", "status", "said"),
    [
        pytest.param("00000000-0", 410, "begun anew", id="another history"),
        pytest.param("{}-9999", 404, "there is no page", id="to come"),
        pytest.param("{}-x", 400, "pages are called", id="no number"),
        pytest.param("{}-1%0D%0AX:%20y", 400, "a", id="two lines"),
        pytest.param("{}-%D9%A3", 400, "pages are called", id="other digits"),
        pytest.param("nothing", 400, "pages are called", id="no page at all"),
    ],
)
def test_a_page_that_is_not_there(
    store_of_changes: Writer, page: str, status: int, said: str
) -> None:
    history = next(
        name for name in pages(store_of_changes) if name.endswith("-0")
    ).rpartition("/")[2].removesuffix("-0")  # fmt: skip
    for path in ("/ldes/", "/feed.atom?page=", "/changes?page="):
        answer = get(store_of_changes, path + page.format(history))
        assert answer.status_code == status
        assert said in answer.json()["detail"]
        assert answer.headers["cache-control"] == "no-store"
        assert "x" not in answer.headers


# The feed


def entries(answer: httpx2.Response) -> list[ET.Element]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/atom+xml"
    return ET.fromstring(answer.content).findall("atom:entry", ATOM)  # noqa: S314 -- our own


def titles(found: list[ET.Element]) -> list[str]:
    return [entry.findtext("atom:title", "", ATOM) for entry in found]


def test_the_feed_has_an_entry_for_each_commit_the_last_first(store_of_changes: Writer) -> None:
    found = titles(entries(get(store_of_changes, "/feed.atom")))
    assert [title for title in found if title.startswith(("Commit 3", "Commit 1"))] == [
        "Commit 3: 1 deleted",
        "Commit 1: 1 changed",
    ]
    feed = ET.fromstring(get(store_of_changes, "/feed.atom").content)  # noqa: S314 -- our own
    names = ["id", "title", "updated", "author"]
    assert all(feed.find(f"atom:{name}", ATOM) is not None for name in names)
    identifiers = [
        entry.findtext("atom:id", "", ATOM) for entry in feed.findall("atom:entry", ATOM)
    ]
    assert len(set(identifiers)) == len(identifiers)


def test_the_archives_lead_back_to_the_beginning(store_of_changes: Writer) -> None:
    path, seen = "/feed.atom", list[str]()
    while path:
        answer = get(store_of_changes, path)
        feed = ET.fromstring(answer.content)  # noqa: S314 -- our own
        assert ("archive" in answer.text) == (path != "/feed.atom") or "prev-archive" in answer.text
        seen += titles(entries(answer))
        links = {link.get("rel"): link.get("href", "") for link in feed.findall("atom:link", ATOM)}
        path = at_home(links["prev-archive"]) if "prev-archive" in links else ""
    assert seen[-1].startswith("Commit 0: 2 created")


def test_a_hostile_label_is_text_in_every_format(store_of_changes: Writer) -> None:
    deleted = entries(get(store_of_changes, "/feed.atom"))
    said = "".join(entry.findtext("atom:content", "", ATOM) for entry in deleted)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; ]]&gt; &amp;" in said
    assert "<script" not in said
    for path in ("/changes", "/changes/4..5", "/changes/0..5"):
        page = get(store_of_changes, path, "text/html")
        assert page.status_code == 200
        assert "<script>" not in page.text


# Differences


def test_a_difference_is_told_by_things(store_of_changes: Writer) -> None:
    answer = get(store_of_changes, "/changes/2..3.json")
    assert answer.headers["content-type"] == "application/json"
    said = answer.json()
    assert (said["from"], said["to"], said["things"], said["pages"]) == (2, 3, 1, 1)
    (thing,) = said["differences"]
    assert (thing["name"], thing["kind"], thing["added"], thing["removed"]) == (
        "Ada", "update", [], [],
    )  # fmt: skip
    (changed,) = thing["changed"]
    assert (changed["before"]["text"], changed["value"]["text"]) == ("36", "37")
    assert changed["graph"] == "http://example.org/g"
    page = get(store_of_changes, "/changes/2..3", "text/html")
    assert "<del><span>36</span></del> <ins><span>37</span></ins>" in page.text


def test_pages_of_changes_say_how_many_things_are_new_changed_and_gone(
    store_of_changes: Writer,
) -> None:
    between = get(store_of_changes, "/changes/2..3", "text/html").text
    last = get(store_of_changes, "/changes", "text/html").text

    assert "Things that are different: 1 (0 new, 1 changed, 0 gone)" in between
    assert "Statements that came: 1, that went: 1." in between
    for counts in ("0 created, 1 changed, 0 deleted", "300 created, 0 changed, 0 deleted"):
        assert counts in last


def test_a_large_difference_comes_in_pages(store_of_changes: Writer) -> None:
    seen: list[str] = []
    for number in range(1, 7):
        said = get(store_of_changes, f"/changes/3..4.json?page={number}").json()
        assert said["pages"] == 6
        seen += [thing["iri"] for thing in said["differences"]]
    assert seen == [f"http://example.org/many{number:03}" for number in range(300)]
    assert "page=2" in get(store_of_changes, "/changes/3..4", "text/html").text
    assert get(store_of_changes, "/changes/3..4.json?page=7").status_code == 400


@pytest.mark.parametrize(("start", "end"), [(1, 5), (5, 1), (3, 4), (4, 5), (3, 3)])
def test_a_patch_leads_from_one_generation_to_the_other(
    store_of_changes: Writer, start: int, end: int
) -> None:
    def content(generation: int) -> set[str]:
        quads: set[str] = set()
        for graph in ("graph=http://example.org/g", "default"):
            path = f"/graph-store?{graph}&generation={generation}"
            answer = get(store_of_changes, path, "application/n-quads")
            quads |= {str(quad) for quad in dataset(answer)}
        return quads

    answer = get(store_of_changes, f"/changes/{start}..{end}.rdfp")
    assert answer.headers["content-type"] == "application/rdf-patch"
    head, begin, *rows, commit = answer.text.splitlines()
    assert head == f"H id <{PUBLIC}/changes/{start}..{end}> ."
    assert (begin, commit) == ("TX .", "TC .")
    patched = content(start)
    for row in rows:
        verb, statement = row[0], row[2:].removesuffix(" .")
        if verb == "D":
            patched.remove(statement)
        else:
            assert verb == "A"
            assert statement not in patched
            patched.add(statement)
    assert patched == content(end)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/changes/1..99", 404),
        ("/changes/1..2.ttl", 404),
        ("/changes/1", 404),
        ("/changes/1..2..3", 404),
        ("/changes/-1..2", 404),
        ("/changes/1..2%0D%0AX:y", 400),
        ("/changes/01..2", 404),
        ("/changes/1..2?page=0", 400),
        ("/changes/1..2?page=%0D%0A", 400),
        ("/changes/1..2?other=1", 400),
        ("/changes/1..2?page=1&page=2", 400),
        ("/ldes?page=1", 400),
        ("/data/versions?x=1", 400),
    ],
)
def test_what_cannot_be_told(store_of_changes: Writer, path: str, status: int) -> None:
    answer = get(store_of_changes, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "X" not in json.dumps(dict(answer.headers)).replace("X-", "")


# Versions


def test_all_versions_that_are_kept_are_listed_the_current_one_first(
    store_of_changes: Writer,
) -> None:
    said = get(store_of_changes, "/data/versions.json").json()["versions"]
    numbers = [version["generation"] for version in said]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-5:] == [5, 4, 3, 2, 1]
    assert [version["is_current"] for version in said] == [True] + [False] * (len(said) - 1)
    assert said[-1]["version"].endswith(".1")
    assert said[-1]["quads"] == 6
    page = get(store_of_changes, "/data/versions", "text/html")
    assert all(version["version"] in page.text for version in said)


def test_a_day_leads_to_the_version_that_was_current_at_its_end(store_of_changes: Writer) -> None:
    newest = get(store_of_changes, "/data/versions.json").json()["versions"][0]
    day = newest["version"].partition(".")[0]
    answer = get(store_of_changes, f"/data/version/{day}")
    assert answer.status_code == 302
    assert answer.headers["location"] == f"{PUBLIC}/data/version/{newest['version']}"
    version = get(store_of_changes, at_home(answer.headers["location"]), "application/json")
    assert version.json() == newest
    page = get(store_of_changes, at_home(answer.headers["location"]), "text/html")
    assert f"sparql?generation={newest['generation']}" in page.text


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("1999-01-01", 404),
        ("2026-13-01", 400),
        ("yesterday", 400),
        ("1999-01-01.1", 410),
        ("1999-01-01.99", 404),
        ("1999-01-01.x", 404),
        ("2026-11-27%0D%0A", 400),
    ],
)
def test_a_version_that_is_not_there(store_of_changes: Writer, name: str, status: int) -> None:
    answer = get(store_of_changes, f"/data/version/{name}")
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_all_of_it_answers_head(store_of_changes: Writer) -> None:
    for path in ("/ldes", "/feed.atom", "/changes", "/changes/1..2.rdfp", "/data/versions"):
        answer = httpx2.head(store_of_changes.server.url + path)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["etag"]
