"""The list of other servers that may be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graph.errors import NotAllowed, UnreadableList
from graph.fetching.allow_file import read_allow_list
from graph.fetching.allowed import AllowList
from graph.limits import FetcherLimits, FetchLimits

if TYPE_CHECKING:
    from pathlib import Path

PORTAL = "https://portal.example/sparql"


@pytest.mark.parametrize(
    "url",
    [
        PORTAL,
        "HTTPS://Portal.Example/sparql",
        "https://portal.example:443/sparql",
        "https://portal.example./sparql",
    ],
)
def test_an_address_is_found_however_it_is_written(url: str) -> None:
    assert read_allow_list([PORTAL], None).find(url).name == "portal.example"


@pytest.mark.parametrize(
    "url",
    [
        "http://portal.example/sparql",
        "https://portal.example:444/sparql",
        "https://portal.example/sparql/",
        "https://portal.example/sparql?a=b",
        "https://portal.example/",
        "https://portal.example.evil.example/sparql",
        "https://evil.example/sparql#https://portal.example/sparql",
        "https://portal.example@evil.example/sparql",
        "https://user:password@portal.example/sparql",
        "https://portal.example\\@evil.example/sparql",
        "https://portal.example/x/../sparql",
        "https://portal.example/%2e%2e/sparql",
        "https://portal.example/sparql\n",
        " https://portal.example/sparql",
        "https://pörtal.example/sparql",
        "https://portal.example:99999/sparql",
        "https://[::1/sparql",
        "https:///sparql",
        "file:///etc/passwd",
        "//portal.example/sparql",
        "urn:a",
        "",
        "https://portal.example/" + "x" * 3000,
    ],
)
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(NotAllowed):
        read_allow_list([PORTAL], None).find(url)


def test_a_refusal_says_what_may_be_asked_and_how_to_allow_more() -> None:
    with pytest.raises(NotAllowed, match="it may ask none") as none:
        AllowList().find(PORTAL)
    assert f"--federate {PORTAL}" in str(none.value)
    with pytest.raises(NotAllowed, match=f"it may ask {PORTAL}"):
        read_allow_list([PORTAL], None).find("https://other.example/sparql")


FILE = """
# who may be asked
[[remote]]
name = "portal"
url = "https://portal.example/sparql"
total_s = 60
rows = 5

[[remote]]
name = "cordis"
kind = "files"
url = "https://files.example/data/"
"""


def test_a_file_names_addresses_and_their_limits(tmp_path: Path) -> None:
    file = tmp_path / "remotes.toml"
    file.write_text(FILE)
    defaults = FetchLimits(rows=9, batch=7)
    found = read_allow_list(["http://127.0.0.1:9/"], file, defaults, FetcherLimits(file_s=99))
    own, portal, cordis = found
    assert (own.name, own.is_private, own.limits) == ("127.0.0.1", True, defaults)
    assert (portal.name, portal.kind, portal.is_private) == ("portal", "endpoint", False)
    assert portal.limits == FetchLimits(rows=5, batch=7, total_s=60)
    assert (cordis.limits.bytes, cordis.limits.total_s) == (FetcherLimits().file_bytes, 99)
    assert found.find("https://files.example/data/h2020/a.zip", "files") is cordis
    for bad in ("https://files.example/data", "https://files.example/data/../secret"):
        with pytest.raises(NotAllowed):
            found.find(bad, "files")
    with pytest.raises(NotAllowed):
        found.find("https://files.example/data/")


def test_hosts_that_are_named_twice_have_two_names() -> None:
    found = read_allow_list(["http://a.example/1", "http://a.example/2"], None)
    assert [each.name for each in found] == ["a.example", "a.example-2"]


@pytest.mark.parametrize(
    ("url", "is_loopback"),
    [
        ("http://127.0.0.1/", True),
        ("http://127.9.9.9:80/", True),
        ("http://[::1]:8080/", True),
        ("http://localhost/", True),
        ("http://10.0.0.1/", False),
        ("http://localhost.example/", False),
        ("http://127.0.0.1.example/", False),
    ],
)
def test_only_a_literal_address_of_this_machine_means_this_machine(
    url: str, is_loopback: bool
) -> None:
    (entry,) = read_allow_list([url], None)
    assert entry.is_private == is_loopback


REMOTE = '[[remote]]\nname = "a"\nurl = "https://a.example/"\n'


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ("[[remote]\n", "", "no TOML.*line 1"),
        ("\n[[remotes]]\n", ":2", "write \\[\\[remote\\]\\]"),
        ("remote = 3\n", ":1", "begins \\[\\[remote\\]\\]"),
        ("[[remote]]\nurl = 'https://a.example/'\n", ":1", "name is missing"),
        ("[[remote]]\nname = 'a'\n", ":1", "url is missing"),
        (REMOTE + "\n" + REMOTE + "colour = 1\n", ":8", "'colour' is not known; there are name"),
        (REMOTE + "total_s = 0\n", ":4", "a number of at least 0.001"),
        (REMOTE + "total_s = nan\n", ":4", "a number of at least"),
        (REMOTE + "rows = 1.5\n", ":4", "a whole number of at least 1"),
        (REMOTE + "rows = true\n", ":4", "a whole number"),
        (REMOTE + "private = 1\n", ":4", "write true or false"),
        (REMOTE + "kind = 'folder'\n", ":4", "give one of endpoint, files"),
        (REMOTE + "certificates = 'none.pem'\n", ":4", "cannot be read"),
        ("[[remote]]\nname = 'A b'\nurl = 'https://a.example/'", ":2", "small letters"),
        ("[[remote]]\nname = 'a'\nurl = 'ftp://a.example/'", ":3", "begins with http"),
        ("[[remote]]\nname = 'a'\nurl = 'https://me:pw@a.example/'", ":3", "leave it out"),
        ("[[remote]]\nname='a'\nkind='files'\nurl='https://a.example/b'", ":4", "ends in /"),
        (REMOTE + REMOTE.replace("a.ex", "b.ex"), "", "are called a; give each its own"),
        (REMOTE + REMOTE.replace('"a"', '"b"'), "", "say it once"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_line(
    tmp_path: Path, text: str, line: str, complaint: str
) -> None:
    file = tmp_path / "remotes.toml"
    file.write_text(text)
    with pytest.raises(UnreadableList, match=complaint) as caught:
        read_allow_list([], file)
    if line:
        assert str(caught.value).startswith(f"{file}{line}: ")


@pytest.mark.parametrize("url", ["portal", "file:///etc/passwd", "https://a b/", ""])
def test_an_option_that_is_no_address_is_told(url: str) -> None:
    with pytest.raises(UnreadableList, match="--federate"):
        read_allow_list([url], None)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableList, match="name another file"):
        read_allow_list([], tmp_path / "none.toml")
