"""Matches are suggested, decided about by command, page or program, and linked when accepted."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from graph.derivation import closure
from graph.generations import current_generation
from graph.namespaces import DERIVED_GRAPH, GRAPH, ID, OWL, UNION_GRAPH
from graph.paths import bundled
from graph.review.terms import ACCEPTED_GRAPH, MATCHES, REVIEW_GRAPH
from graph.rules import read_rules
from server.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.http.conftest import Serve, Server

    Command = Callable[..., tuple[int, str, str]]

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = f"{GRAPH}import/members"
SAME = f"{OWL}sameAs"
TURTLE = """
PREFIX country: <https://w3id.org/metapole/id/country/>
PREFIX i: <https://w3id.org/metapole/id/import-members/>
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
i:1 a mp:Cluster ; skos:prefLabel "Movéo"@fr ; mp:locatedIn country:france .
i:2 a mp:Cluster ; skos:prefLabel "Pole Vehicule du Futur"@fr .
i:3 a mp:Organisation ; skos:prefLabel "Moveo"@fr .
i:4 a mp:Cluster ; skos:prefLabel "unnamed NRW automotive cluster"@en .
i:5 a skos:Concept ; skos:prefLabel "Embedded Systems"@en ; skos:inScheme i:words .
i:6 a mp:Cluster ; skos:prefLabel "[a cluster of the future]"@en ; mp:unnamed true .
i:7 a mp:Cluster ; skos:prefLabel "Minalogic <script>"@fr .
"""
THINGS = 7


@dataclass(frozen=True)
class Reviewed:
    """A server with an import, and somebody's token."""

    server: Server
    store: Path
    token: str
    token_file: Path

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def send(self, path: str, said: object, **headers: str) -> httpx2.Response:
        return httpx2.post(
            f"{self.server.url}{path}", json=said, headers=headers, timeout=60, verify=False
        )

    def decide(self, act: str, *matches: str) -> httpx2.Response:
        return self.send("/review", {"decision": act, "matches": matches}, **self.bearer)

    def form(self, path: str = "/review", **fields: object) -> httpx2.Response:
        return httpx2.post(f"{self.server.url}{path}", data=fields, timeout=60, verify=False)

    def listed(self, state: str) -> list[dict[str, str]]:
        answer = httpx2.get(
            f"{self.server.url}/review.csv", params={"state": state}, timeout=60, verify=False
        )
        return list(csv.DictReader(io.StringIO(answer.text)))

    def page(self, path: str) -> str:
        headers = {"Accept": "text/html"}
        return httpx2.get(
            f"{self.server.url}{path}", headers=headers, timeout=60, verify=False
        ).text

    def rows(self, text: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.server.ask(text).text)))

    def links(self) -> set[tuple[str, str, str]]:
        """Return what stands in the graph of accepted links, but for the matches there."""
        rows = self.rows(f"SELECT ?s ?p ?o {{ GRAPH <{ACCEPTED_GRAPH}> {{ ?s ?p ?o }} }}")
        return {(row["s"], row["p"], row["o"]) for row in rows if not row["s"].startswith(MATCHES)}

    def match_of(self, number: int, state: str = "open") -> str:
        """Return the match of thing *number* of the import."""
        subject = f"{ID}import-members/{number}"
        return next(row["match"] for row in self.listed(state) if row["subject"] == subject)


@pytest.fixture(scope="module")
def reviewed(
    serve: Serve, shipped_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reviewed]:
    """A server on a copy of what ships, to which something was imported."""
    folder = tmp_path_factory.mktemp("review")
    store = shutil.copytree(shipped_store, folder / "store")
    tokens, token_file = folder / "tokens.json", folder / "token"
    added = subprocess.run(
        [sys.executable, "-m", "server", "token", "add", "--token-file", tokens,
         "--name", "anna", "--scope", f"write:{GRAPH}"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    token_file.write_text(added.stdout)
    with serve(store, "--token-file", tokens, in_place=True) as server:
        reviewed = Reviewed(server, store, added.stdout.strip(), token_file)
        put = httpx2.put(
            f"{server.url}/graph-store", params={"graph": MEMBERS}, content=TURTLE.encode(),
            headers={"Content-Type": "text/turtle", **reviewed.bearer}, timeout=60, verify=False,
        )  # fmt: skip
        assert put.status_code == 201, put.text
        answer = reviewed.send("/review/suggestions", {"graph": MEMBERS}, **reviewed.bearer)
        assert answer.status_code == 200, answer.text
        yield reviewed


def test_things_of_one_kind_and_one_name_are_suggested(reviewed: Reviewed) -> None:
    found = {
        (row["subject"].removeprefix(ID), row["predicate"], row["object"].removeprefix(ID))
        for row in reviewed.listed("open")
    }
    assert ("import-members/1", SAME, "cluster/moveo") in found
    assert ("import-members/2", SAME, "cluster/vehicule-du-futur") in found
    assert ("import-members/5", "http://www.w3.org/2004/02/skos/core#exactMatch",
            "https://w3id.org/metapole/def/sector/embedded-systems") in found  # fmt: skip
    subjects = {subject for subject, _, _ in found}
    assert "import-members/3" not in subjects  # an organisation is no cluster
    assert not [other for _, _, other in found if "unnamed" in other]
    assert "import-members/6" not in subjects  # it has no name
    assert "import-members/7" in subjects
    assert not any("members" in other for _, _, other in found)


def test_suggesting_again_suggests_nothing_twice(reviewed: Reviewed) -> None:
    before = reviewed.listed("open")
    match = reviewed.match_of(2)
    assert reviewed.decide("reject", match).status_code == 200

    again = reviewed.send("/review/suggestions", {"graph": MEMBERS}, **reviewed.bearer).json()

    assert again["new"] == 0
    assert again["looked_at"] == THINGS
    assert match not in [row["match"] for row in reviewed.listed("open")]
    assert [row["match"] for row in reviewed.listed("rejected")] == [match]
    assert reviewed.decide("undo", match).status_code == 200
    assert reviewed.listed("open") == before


def test_two_imports_are_matched_once_and_what_tells_of_imports_never(reviewed: Reviewed) -> None:
    prefixes = """
        PREFIX mp: <https://w3id.org/metapole/def#>
        PREFIX prov: <http://www.w3.org/ns/prov#>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    """
    for name in ("one", "other"):
        content = f"""{prefixes}
            <{ID}organisation/{name}> a mp:Organisation ; skos:prefLabel "Zyxwvut Gears"@en .
            <{ID}import/{name}> a prov:Activity ; skos:prefLabel "import of gears"@en .
        """
        graph = f"{GRAPH}import/{name}"
        put = httpx2.put(
            f"{reviewed.server.url}/graph-store", params={"graph": graph}, content=content.encode(),
            headers={"Content-Type": "text/turtle", **reviewed.bearer}, timeout=60, verify=False,
        )  # fmt: skip
        assert put.status_code == 201, put.text
    for name, new in (("one", 1), ("other", 0)):
        graph = f"{GRAPH}import/{name}"
        answer = reviewed.send("/review/suggestions", {"graph": graph}, **reviewed.bearer).json()
        assert (answer["new"], answer["looked_at"]) == (new, 1)
    pairs = {
        (row["subject"], row["object"]) for row in reviewed.listed("open")
        if row["subject"].endswith(("/one", "/other"))
    }  # fmt: skip
    assert pairs == {(f"{ID}organisation/one", f"{ID}organisation/other")}


def test_only_what_is_accepted_is_linked_and_says_who_and_when(reviewed: Reviewed) -> None:
    match = reviewed.match_of(1)
    link = (f"{ID}import-members/1", SAME, f"{ID}cluster/moveo")
    assert reviewed.links() == set()

    assert reviewed.decide("accept", match).status_code == 200

    assert reviewed.links() == {link}
    (row,) = reviewed.listed("accepted")
    assert row["by"] == "anna"
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", row["when"])
    (told,) = reviewed.rows(f"""
        PREFIX mp: <https://w3id.org/metapole/def#> PREFIX sssom: <https://w3id.org/sssom/>
        SELECT ?by ?why ?other {{ GRAPH <{ACCEPTED_GRAPH}> {{
            <{match}> a mp:Mapping ; mp:object ?other ; mp:justification ?why ;
                sssom:reviewer_label ?by }} }}
    """)
    assert told["by"] == "anna"
    assert "has this name: Mov’eo" in told["why"]
    page = reviewed.page("/cluster/moveo")
    assert "import-members/1" in page
    assert "sameAs" in page

    assert reviewed.decide("undo", match).status_code == 200
    assert reviewed.links() == set()
    gone = reviewed.rows(f"SELECT ?p {{ GRAPH <{ACCEPTED_GRAPH}> {{ <{match}> ?p ?o }} }}")
    assert gone == []


def test_a_link_makes_nothing_follow_but_what_the_rules_say(reviewed: Reviewed) -> None:
    match = reviewed.match_of(1)
    reviewed.decide("accept", match)
    asked = f"""
        SELECT ?p ?o {{ GRAPH <{DERIVED_GRAPH}> {{ ?s ?p ?o }}
            VALUES ?s {{ <{ID}import-members/1> }} FILTER (?p != rdf:type) }}
    """
    followed = {row["p"] for row in reviewed.rows(asked)}
    derived, expected = derived_in(reviewed.store)
    reviewed.decide("undo", match)

    assert derived == expected
    assert followed <= {"http://purl.org/dc/terms/spatial", "http://schema.org/location"}


def derived_in(store: Path) -> tuple[set[object], set[object]]:
    """Return the derived triples of *store*, and what a build anew would derive."""
    import pyoxigraph as ox  # noqa: PLC0415 -- the rest of this file knows no RDF library

    generation = current_generation(store)
    assert generation
    opened = ox.Store.read_only(str(generation.path))
    own = {DERIVED_GRAPH, UNION_GRAPH, f"{GRAPH}commits"}
    derived_graph = ox.NamedNode(DERIVED_GRAPH)
    stated = [
        quad
        for quad in opened
        if isinstance(quad.graph_name, ox.NamedNode) and quad.graph_name.value not in own
    ]
    expected = closure(stated, read_rules(bundled("ontology") / "rules")).derived
    found = opened.quads_for_pattern(None, None, None, derived_graph)
    return {quad.triple for quad in found}, {quad.triple for quad in expected}


def test_a_form_decides_without_scripts(reviewed: Reviewed) -> None:
    page = reviewed.page("/review")
    match = reviewed.match_of(1).removeprefix(MATCHES)
    assert f'value="{match}"' in page
    assert 'type="password"' in page

    answer = reviewed.form(match=[match], decision="accept", state="open", token=reviewed.token)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{reviewed.server.url}/review?state=open")
    assert "set-cookie" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers
    accepted = reviewed.page("/fr/review?state=accepted")
    assert f'value="{match}"' in accepted
    assert "acceptée par anna" in accepted
    back = reviewed.form(
        "/fr/review", match=[match], decision="undo", state="accepted", token=reviewed.token
    )
    assert back.headers["location"].startswith(f"{reviewed.server.url}/fr/review?state=accepted")
    assert reviewed.links() == set()


@pytest.mark.parametrize(
    ("fields", "headers", "status"),
    [
        pytest.param({"token": ""}, {}, 401, id="no token"),
        pytest.param({"token": "wrong-token"}, {}, 401, id="a wrong token"),
        pytest.param({"token": "no token at all\r\n"}, {}, 400, id="no token by its looks"),
        pytest.param({}, {"Origin": "https://other.example"}, 403, id="another site"),
        pytest.param({}, {"Sec-Fetch-Site": "cross-site"}, 403, id="another site says so"),
        pytest.param({"decision": "maybe"}, {}, 400, id="no decision"),
        pytest.param({"match": []}, {}, 400, id="nothing chosen"),
        pytest.param({"match": ["0" * 24]}, {}, 404, id="no such match"),
        pytest.param({"match": ["x> <y"]}, {}, 404, id="no match at all"),
        pytest.param({"match": ["0" * 24] * 2 + [str(n) for n in range(300)]}, {}, 400, id="many"),
    ],
)
def test_nobody_else_decides(
    reviewed: Reviewed, fields: dict[str, Any], headers: dict[str, str], status: int
) -> None:
    match = reviewed.match_of(1)
    whole: dict[str, Any] = {
        "match": [match],
        "decision": "accept",
        "token": reviewed.token,
        **fields,
    }

    answer = httpx2.post(
        f"{reviewed.server.url}/review", data=whole, headers=headers, timeout=60, verify=False
    )

    assert answer.status_code == status, answer.text
    assert "access-control-allow-origin" not in answer.headers
    assert reviewed.links() == set()


def test_a_person_who_is_refused_gets_a_page(reviewed: Reviewed) -> None:
    fields = {"match": [reviewed.match_of(1)], "decision": "accept", "token": "wrong-token"}
    accept = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

    answer = httpx2.post(
        f"{reviewed.server.url}/de/review", data=fields, headers=accept, timeout=60, verify=False
    )

    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("text/html")
    assert '<html lang="de"' in answer.text
    assert "this token is not known here" in answer.text


def test_a_token_in_an_address_is_refused(reviewed: Reviewed) -> None:
    answer = reviewed.form(f"/review?token={reviewed.token}", match=["x"], decision="accept")
    assert answer.status_code == 400
    assert "revoked" in answer.text


def test_reading_needs_no_token_and_changes_nothing(reviewed: Reviewed) -> None:
    for path in ("/review", "/fr/review", "/de/review", "/embed/review", "/review?state=rejected"):
        page = reviewed.page(path)
        assert "<h1>" in page
        assert "Minalogic <script>" not in page
    assert "<form method" not in reviewed.page("/embed/review")
    assert httpx2.get(
        f"{reviewed.server.url}/review", params={"decision": "accept"}, verify=False
    ).status_code == 400  # fmt: skip


def test_an_unknown_graph_is_told(reviewed: Reviewed) -> None:
    for graph, status in ((f"{GRAPH}import/none", 404), ("no iri", 400), (UNION_GRAPH, 404)):
        answer = reviewed.send("/review/suggestions", {"graph": graph}, **reviewed.bearer)
        assert answer.status_code == status, answer.text
    assert reviewed.send("/review/suggestions", {"graph": MEMBERS}).status_code == 401


def test_all_matches_are_a_table_of_sssom(reviewed: Reviewed) -> None:
    rejected = reviewed.match_of(5)
    count = len(reviewed.listed("open"))
    reviewed.decide("reject", rejected)

    answer = httpx2.get(f"{reviewed.server.url}/data/mappings.sssom.tsv", verify=False)
    reviewed.decide("undo", rejected)

    assert answer.headers["content-type"].startswith("text/tab-separated-values")
    lines = answer.text.splitlines()
    head = [line.removeprefix("# ") for line in lines if line.startswith("#")]
    assert f'mapping_set_id: "{REVIEW_GRAPH}"' in head
    rows = list(csv.DictReader(lines[len(head) :], delimiter="\t"))
    assert len(rows) == count
    by_modifier = {row["predicate_modifier"]: row for row in rows}
    assert by_modifier["Not"]["reviewer_label"] == "anna"
    assert by_modifier["Not"]["mapping_justification"] == "semapv:ManualMappingCuration"
    for row in rows:
        for name in ("subject_id", "predicate_id", "object_id", "mapping_justification"):
            prefix = row[name].partition(":")[0]
            assert any(line.strip().startswith(f"{prefix}:") for line in head), row[name]
        assert 0.6 <= float(row["confidence"]) <= 1


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `metapole match` here, and return its exit status and what it says."""

    def run(*words: str) -> tuple[int, str, str]:
        status = main(["match", *words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_a_command_does_the_same_at_a_server(reviewed: Reviewed, command: Command) -> None:
    match = reviewed.match_of(1).removeprefix(MATCHES)
    where = ("--to", reviewed.server.url, "--token-file", str(reviewed.token_file))

    _, _, suggested = command("suggest", "--graph", "members", *where)
    _, _, accepted = command("accept", match, match, *where)
    _, listed, _ = command("list", "--state", "accepted", "--csv", *where)
    _, _, undone = command("undo", match, *where)
    status, _, wrong = command("accept", "0" * 24, *where)

    assert f"{THINGS} things looked at, 0 new matches." in suggested
    assert "Accepted: 1 match." in accepted
    assert [row["by"] for row in csv.DictReader(io.StringIO(listed))] == ["anna"]
    assert "Undone: 1 match." in undone
    assert (status, "there is no match" in wrong) == (1, True)


def test_a_command_does_it_on_a_store(reviewed: Reviewed, tmp_path: Path, command: Command) -> None:
    store = shutil.copytree(reviewed.store, tmp_path / "store")
    where = ("--store", str(store))
    match = reviewed.match_of(1)

    _, _, suggested = command("suggest", "--graph", "members", *where)
    status, _, said = command("accept", match, match, "--by", "ben", *where)
    _, listed, _ = command("list", "--state", "accepted", *where)
    status_in_use, _, in_use = command("accept", match, "--store", str(reviewed.store))

    assert "0 new matches" in suggested
    assert status == 0, said
    assert "Accepted: 1 match." in said
    assert [row["by"] for row in csv.DictReader(io.StringIO(listed))] == ["ben"]
    assert status_in_use == 1
    assert "metapole serve" in in_use


def test_what_a_command_shows_steers_no_terminal(
    reviewed: Reviewed, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = ("--store", str(shutil.copytree(reviewed.store, tmp_path / "store")))
    status, _, said = command("accept", reviewed.match_of(1), "--by", "ben\x1b[2J", *where)
    assert status == 0, said
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    _, listed, _ = command("list", "--state", "accepted", *where)
    assert "ben\ufffd[2J" in listed


def test_a_command_says_that_a_server_is_not_there(command: Command) -> None:
    status, _, said = command("list", "--to", "http://127.0.0.1:9")
    assert status == 1
    assert "http://127.0.0.1:9 does not answer" in said


def test_what_is_sent_is_an_object(reviewed: Reviewed) -> None:
    answer = reviewed.send("/review", [], **reviewed.bearer)
    assert answer.status_code == 400
    assert "object" in json.loads(answer.text)["detail"]


def test_half_a_character_names_no_match(reviewed: Reviewed) -> None:
    answer = httpx2.post(
        f"{reviewed.server.url}/review",
        content=r'{"decision": "accept", "matches": ["\ud800"]}',
        headers={"Content-Type": "application/json", **reviewed.bearer},
        timeout=60,
        verify=False,
    )
    assert answer.status_code == 400
    assert "surrogates" in json.loads(answer.text)["detail"]
