"""OAI-PMH 2.0: six verbs over the datasets of the catalogue and the clusters."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import httpx2
import pyoxigraph as ox
import pytest

from .conftest import Serve, publish
from .writers import PUBLIC, Writer, writing

OAI = "http://www.openarchives.org/OAI/2.0/"
DC = "http://purl.org/dc/elements/1.1/"
CLUSTER = "https://w3id.org/metapole/id/cluster/"
RECORD = f"verb=GetRecord&identifier={CLUSTER}c001"
SPACES = {"oai": OAI, "dc": DC, "oai_dc": f"{OAI}oai_dc/"}
PREFIXES = """
PREFIX cluster: <https://w3id.org/metapole/id/cluster/>
PREFIX figure: <https://w3id.org/metapole/id/figure/>
PREFIX graph: <https://w3id.org/metapole/graph/>
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
HOSTILE = "<b>&amp; ]]> \\u0001 \\uFFFE \\\"' \U0001f600"
MANY = 120
STRUCTURE = {
    "OAI-PMH": "responseDate request "
    "((error )+|(Identify|ListMetadataFormats|ListSets|GetRecord|ListIdentifiers|ListRecords) )",
    "Identify": "repositoryName baseURL protocolVersion (adminEmail )+earliestDatestamp "
    "deletedRecord granularity ",
    "ListMetadataFormats": "(metadataFormat )+",
    "metadataFormat": "metadataPrefix schema metadataNamespace ",
    "ListSets": "(set )+",
    "set": "setSpec setName ",
    "GetRecord": "record ",
    "ListRecords": "(record )+(resumptionToken )?",
    "ListIdentifiers": "(header )+(resumptionToken )?",
    "record": "header (metadata )?",
    "header": "identifier datestamp (setSpec )*",
}
"""What each element holds, in which order (OAI-PMH 2.0, the schema in 3.2)."""
CLUSTERS = " ".join(
    f'cluster:c{number:03} a mp:Cluster ; skos:prefLabel "Cluster {number}"@en .'
    for number in range(MANY)
)
FIRST = f"""{PREFIXES}
GRAPH graph:main {{
    {CLUSTERS}
    cluster:hostile a mp:Cluster ; skos:prefLabel "{HOSTILE}"@en ; skos:altLabel "anders"@de .
    figure:one mp:about cluster:c007 ; mp:value 1 .
}}
GRAPH graph:other {{ <x:s> <x:p> 1 }}
"""
UPDATES = (
    f"{PREFIXES} DELETE WHERE {{ GRAPH graph:main {{ cluster:c005 ?p ?o }} }}",
    f"{PREFIXES} DELETE DATA {{ GRAPH graph:main {{ figure:one mp:value 1 }} }}",
    f"{PREFIXES} DROP GRAPH graph:other",
)


@pytest.fixture(scope="module")
def repository(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    """A server that has deleted a cluster and a graph, and changed a figure of another cluster."""
    store = tmp_path_factory.mktemp("oai") / "store"
    publish(store, FIRST)
    with writing(serve, store) as writer:
        for update in UPDATES:
            assert writer.update(update).status_code == 204
        yield writer


def ask(writer: Writer, method: str = "GET", **arguments: str) -> ET.Element:
    """Send a request by its arguments, whose trailing _ is left out; what comes back is checked."""
    fields = {name.rstrip("_"): value for name, value in arguments.items()}
    url = f"{writer.server.url}/oai"
    if method == "GET":
        answer = httpx2.get(url, params=fields, timeout=60)
    else:
        answer = httpx2.post(url, data=fields, timeout=60)
    return checked(answer)


def checked(answer: httpx2.Response) -> ET.Element:
    """Return the document, which has the structure that the schema asks for."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    root = ET.fromstring(answer.content)  # noqa: S314 -- our own
    assert root.tag == f"{{{OAI}}}OAI-PMH"
    for element in root.iter():
        name = element.tag.removeprefix(f"{{{OAI}}}")
        if name in STRUCTURE:
            found = "".join(f"{child.tag.removeprefix(f'{{{OAI}}}')} " for child in element)
            assert re.fullmatch(STRUCTURE[name], found), (name, found)
    assert root.findtext("oai:request", "", SPACES) == f"{PUBLIC}/oai"
    for name in ("responseDate", "datestamp", "earliestDatestamp"):
        for time in root.iter(f"{{{OAI}}}{name}"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time.text or "")
    return root


def codes(root: ET.Element) -> list[str | None]:
    return [error.get("code") for error in root.findall("oai:error", SPACES)]


def headers(root: ET.Element) -> dict[str, ET.Element]:
    return {
        header.findtext("oai:identifier", "", SPACES): header
        for header in root.iter(f"{{{OAI}}}header")
    }


def listed(writer: Writer, verb: str, **arguments: str) -> tuple[list[str], list[ET.Element]]:
    """Return what a list has by all its parts: the identifiers in order, and the parts."""
    parts = [ask(writer, verb=verb, **arguments)]
    while token := parts[-1].findtext(f".//{{{OAI}}}resumptionToken"):
        parts.append(ask(writer, verb=verb, resumptionToken=token))
    return [name for part in parts for name in headers(part)], parts


def test_it_tells_what_it_is(repository: Writer) -> None:
    root = ask(repository, verb="Identify")
    said = {
        each.tag.rpartition("}")[2]: each.text for each in root.find("oai:Identify", SPACES) or ()
    }
    assert list(said) == [
        "repositoryName", "baseURL", "protocolVersion", "adminEmail", "earliestDatestamp",
        "deletedRecord", "granularity",
    ]  # fmt: skip
    assert (said["baseURL"], said["protocolVersion"]) == (f"{PUBLIC}/oai", "2.0")
    assert (said["deletedRecord"], said["granularity"]) == ("persistent", "YYYY-MM-DDThh:mm:ssZ")
    assert said["adminEmail"] == "webmaster@data.example.org"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_record_comes_by_get_and_by_post(repository: Writer, method: str) -> None:
    root = ask(
        repository, method, verb="GetRecord", metadataPrefix="oai_dc",
        identifier=f"{CLUSTER}hostile",
    )  # fmt: skip
    titles = [(each.text, each.get("{http://www.w3.org/XML/1998/namespace}lang"))
              for each in root.iter(f"{{{DC}}}title")]  # fmt: skip
    assert titles == [("<b>&amp; ]]> \ufffd \ufffd \"' \U0001f600", "en"), ("anders", "de")]
    request = root.find("oai:request", SPACES)
    assert request is not None
    assert request.attrib == {
        "verb": "GetRecord",
        "metadataPrefix": "oai_dc",
        "identifier": f"{CLUSTER}hostile",
    }


def test_two_posts_that_differ_in_their_bodies_are_answered_apart(repository: Writer) -> None:
    for name in ("c001", "c002", "c001"):
        root = ask(
            repository, "POST", verb="GetRecord", metadataPrefix="oai_dc",
            identifier=f"{CLUSTER}{name}",
        )  # fmt: skip
        assert list(headers(root)) == [f"{CLUSTER}{name}"]


@pytest.mark.parametrize("verb", ["ListIdentifiers", "ListRecords"])
def test_a_long_list_comes_in_parts_without_gaps(repository: Writer, verb: str) -> None:
    names, parts = listed(repository, verb, metadataPrefix="oai_dc", set_="clusters")
    assert len(names) == len(set(names)) == MANY + 1
    assert len(parts) == 3
    tokens = [part.find(f".//{{{OAI}}}resumptionToken") for part in parts]
    told = [
        (each.get("cursor"), each.get("completeListSize")) for each in tokens if each is not None
    ]
    assert told == [("0", "121"), ("50", "121"), ("100", "121")]
    stamps = [
        header.findtext("oai:datestamp", "", SPACES)
        for part in parts
        for header in headers(part).values()
    ]
    assert stamps == sorted(stamps)


def test_what_is_deleted_is_told_for_ever_and_has_no_metadata(repository: Writer) -> None:
    root = ask(repository, verb="GetRecord", metadataPrefix="oai_dc", identifier=f"{CLUSTER}c005")
    assert headers(root)[f"{CLUSTER}c005"].get("status") == "deleted"
    assert root.find(f".//{{{OAI}}}metadata") is None
    names, parts = listed(repository, "ListRecords", metadataPrefix="dcat_ap")
    deleted = [name for part in parts for name, each in headers(part).items() if each.get("status")]
    assert deleted == [f"{PUBLIC}/data/catalogue/graph/other"]
    assert f"{PUBLIC}/data/catalogue/graph/main" in names


def test_a_record_is_new_when_a_figure_of_the_cluster_has_changed(repository: Writer) -> None:
    names, _ = listed(repository, "ListIdentifiers", metadataPrefix="oai_dc", set_="clusters")
    assert set(names[-2:]) == {f"{CLUSTER}c005", f"{CLUSTER}c007"}


def test_who_asks_for_what_is_new_gets_only_that(repository: Writer) -> None:
    since = ask(repository, verb="Identify").findtext("oai:responseDate", "", SPACES)
    assert repository.update(
        f"{PREFIXES} INSERT DATA {{ GRAPH graph:main {{ cluster:new a mp:Cluster }} }}"
    ).is_success
    names, _ = listed(
        repository, "ListIdentifiers", metadataPrefix="oai_dc", set_="clusters", from_=since
    )
    assert f"{CLUSTER}new" in names
    assert f"{CLUSTER}c000" not in names
    until, _ = listed(
        repository, "ListIdentifiers", metadataPrefix="oai_dc", set_="clusters", until=since[:10]
    )
    assert f"{CLUSTER}c000" in until
    assert repository.update(
        f"{PREFIXES} DELETE DATA {{ GRAPH graph:main {{ cluster:new a mp:Cluster }} }}"
    ).is_success


def test_a_dataset_is_described_in_dcat(repository: Writer) -> None:
    root = ask(
        repository, verb="GetRecord", metadataPrefix="dcat_ap",
        identifier=f"{PUBLIC}/data/catalogue/graph/main",
    )  # fmt: skip
    metadata = root.find(f".//{{{OAI}}}metadata")
    assert metadata is not None
    (described,) = metadata
    triples = list(ox.parse(ET.tostring(described), ox.RdfFormat.RDF_XML))
    dataset = ox.NamedNode(f"{PUBLIC}/data/catalogue/graph/main")
    said = {quad.predicate.value for quad in triples if quad.subject == dataset}
    assert {"http://purl.org/dc/terms/title", "http://www.w3.org/ns/dcat#distribution"} <= said


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "badVerb"),
        ("verb=Nothing", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&other=1", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        ("verb=GetRecord&identifier=x:y", "badArgument"),
        ("verb=GetRecord&identifier=x:y&identifier=x:z&metadataPrefix=oai_dc", "badArgument"),
        ("verb=GetRecord&identifier=x:y&metadataPrefix=oai_dc", "idDoesNotExist"),
        (f"{RECORD}&metadataPrefix=marc", "cannotDisseminateFormat"),
        (f"{RECORD}&metadataPrefix=dcat_ap", "cannotDisseminateFormat"),
        ("verb=ListMetadataFormats&identifier=x:y", "idDoesNotExist"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=none", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=dcat_ap&set=clusters", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=1999-01-01", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2999-01-01", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=yesterday", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-02&until=2026-01-01", "badArgument"),
        (
            "verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01&until=2026-01-02T00:00:00Z",
            "badArgument",
        ),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01T00:00:00%2B01:00", "badArgument"),
        ("verb=ListRecords&resumptionToken=nonsense", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=WyJhIl0.0000000000000000", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=nonsense", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=x&metadataPrefix=oai_dc", "badArgument"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_the_words_of_the_protocol(
    repository: Writer, query: str, code: str
) -> None:
    root = checked(httpx2.get(f"{repository.server.url}/oai?{query}", timeout=60))
    assert codes(root) == [code]
    request = root.find("oai:request", SPACES)
    assert request is not None
    if code in ("badVerb", "badArgument"):
        assert request.attrib == {}
    else:
        assert request.get("verb") == query.partition("&")[0].removeprefix("verb=")


def test_a_token_of_another_list_or_one_that_was_changed_is_refused(repository: Writer) -> None:
    first = ask(repository, verb="ListRecords", metadataPrefix="oai_dc")
    token = first.findtext(f".//{{{OAI}}}resumptionToken") or ""
    assert token
    assert codes(ask(repository, verb="ListIdentifiers", resumptionToken=token)) == [
        "badResumptionToken"
    ]
    for at in range(0, len(token), 9):
        changed = f"{token[:at]}{'A' if token[at] != 'A' else 'B'}{token[at + 1 :]}"
        assert codes(ask(repository, verb="ListRecords", resumptionToken=changed)) == [
            "badResumptionToken"
        ], at


def test_control_characters_are_never_reflected(repository: Writer) -> None:
    url = f"{repository.server.url}/oai"
    query = "verb=GetRecord&metadataPrefix=oai_dc&identifier=x%0D%0AX-Evil:y"
    assert httpx2.get(f"{url}?{query}").status_code == 400
    form = {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "x\r\nEvil: y"}
    answer = httpx2.post(url, data=form)
    assert codes(checked(answer)) == ["badArgument"]
    assert "Evil" not in answer.text


@pytest.mark.parametrize(
    ("content_type", "status"), [("text/xml", 400), ("", 400), ("application/json", 400)]
)
def test_a_body_that_is_no_form_is_refused(
    repository: Writer, content_type: str, status: int
) -> None:
    headers = {"Content-Type": content_type}
    answer = httpx2.post(f"{repository.server.url}/oai", content="verb=Identify", headers=headers)
    assert answer.status_code == status
