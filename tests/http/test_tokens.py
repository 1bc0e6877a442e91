"""Tokens: what they allow, the file that keeps their hashes, and the command that changes it."""

import errno
import hashlib
import json
import logging
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.scopes import UPDATE, BadScope, Scope, scope_from_text
from server.token_changes import add_token, new_value, revoke_token
from server.tokens import TokenError, TokenFile, read_tokens

from .conftest import ROOT

VALUE = "a-value-that-a-person-chose"
OURS = "https://example.org/our/"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def metapole(*arguments: object, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server", "token", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, input=given, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("has", "needed", "allowed"),
    [
        ("read", "read", True),
        ("read", f"write:{OURS}a", False),
        ("read", "update", False),
        (f"write:{OURS}", "read", True),
        (f"write:{OURS}", f"write:{OURS}", True),
        (f"write:{OURS}", f"write:{OURS}a/b", True),
        (f"write:{OURS}", "write:https://example.org/our", False),
        (f"write:{OURS}", "write:https://example.org/OUR/a", False),
        (f"write:{OURS}", "write:https://example.org/their/", False),
        (f"write:{OURS}", "update", False),
        (f"write:{OURS}", "admin", False),
        ("update", "read", True),
        ("update", "update", True),
        ("update", f"write:{OURS}a", True),
        ("update", "admin", False),
        ("admin", "admin", True),
        ("admin", "update", True),
        ("admin", f"write:{OURS}a", True),
        ("admin", "read", True),
    ],
)
def test_a_scope_allows_what_it_names_and_no_more(has: str, needed: str, allowed: bool) -> None:
    assert scope_from_text(has).covers(scope_from_text(needed)) is allowed


@pytest.mark.parametrize(
    "text",
    ["read", "update", "admin", "write:urn:our:", "write:https://example.org/", f"write:{OURS}é#"],
)
def test_a_scope_is_written_as_it_is_read(text: str) -> None:
    assert str(scope_from_text(text)) == text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "give one of read, write:PREFIX, update and admin"),
        ("wirte", "give one of read, write:PREFIX, update and admin"),
        ("Update", "'Update' is no scope"),
        ("update:https://example.org/", "is no scope"),
        ("admin:", "is no scope"),
        ("write", "names no graphs"),
        ("write:", "names no graphs"),
        ("write:our/", "not the start of an absolute IRI"),
        ("write:https:", "not the start of an absolute IRI"),
        ("write:https://example.org/a b", "not the start of an absolute IRI"),
        ("write:<https://example.org/>", "not the start of an absolute IRI"),
        ("write:https://example.org/\n", "not the start of an absolute IRI"),
        ("write:https:/", "end the host with a slash"),
        ("write:https://", "end the host with a slash"),
        ("write:https://example.org", "end the host with a slash"),
        ("write:HTTP://example.org:8000", "end the host with a slash"),
    ],
)
def test_what_is_no_scope_is_refused_with_a_remedy(text: str, complaint: str) -> None:
    with pytest.raises(BadScope, match=complaint):
        scope_from_text(text)


def test_a_new_token_is_random_and_can_be_recognised() -> None:
    values = {new_value() for _ in range(100)}
    assert len(values) == 100
    # 43 characters of 6 bits are the 256 bits that were drawn.
    assert all(re.fullmatch(r"metapole_[A-Za-z0-9_-]{43}", value) for value in values)


def test_the_file_keeps_a_hash_and_what_the_token_allows(path: Path) -> None:
    token = add_token(path, "importer", [Scope("write", OURS), Scope("read")], VALUE)
    text = path.read_text()
    assert VALUE not in text
    (entry,) = json.loads(text)["tokens"]
    assert entry["sha256"] == hashlib.sha256(VALUE.encode()).hexdigest()
    assert entry["name"] == "importer"
    assert entry["scopes"] == [f"write:{OURS}", "read"]
    assert entry["id"] == token.id
    assert read_tokens(path) == [token]
    assert VALUE not in repr(token)
    assert entry["sha256"] not in repr(token)


def test_only_the_owner_may_read_the_file(path: Path) -> None:
    add_token(path, "one", [UPDATE], new_value())
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    add_token(path, "two", [UPDATE], new_value())
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_to_the_file_stays_one(path: Path, tmp_path: Path) -> None:
    add_token(path, "one", [UPDATE], new_value())
    link = tmp_path / "link"
    link.symlink_to(path)
    add_token(link, "two", [UPDATE], new_value())
    assert link.is_symlink()
    assert [token.name for token in read_tokens(path)] == ["one", "two"]


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("", "has 0 characters; give at least 20"),
        ("x" * 19, "has 19 characters; give at least 20"),
        ("a value that has blanks in it", "cannot be sent"),
        ("=====================", "cannot be sent"),
        ("quite-long=but-equals-amidst", "cannot be sent"),
        ("quite-long-but-not-ascii-é", "cannot be sent"),
        ("quite-long-with-a-line-end\n", "cannot be sent"),
    ],
)
def test_a_value_that_is_no_good_is_refused_and_not_told(
    path: Path, value: str, complaint: str
) -> None:
    with pytest.raises(TokenError, match=complaint) as refusal:
        add_token(path, "importer", [UPDATE], value)
    assert not value or value not in str(refusal.value)
    assert not path.exists()


@pytest.mark.parametrize(
    "value", ["x" * 20, "AZaz09-._~+/AZaz09-._~+/==", pytest.param(new_value(), id="new")]
)
def test_a_value_that_can_be_sent_is_taken(path: Path, value: str) -> None:
    add_token(path, "importer", [UPDATE], value)
    assert TokenFile(path).find(value)


@pytest.mark.parametrize("name", ["", " ", "a b", "-a", "a\n", "\x1b[31m", "a" * 65, "a/b", "a\0"])
def test_a_name_is_one_that_can_be_read_in_a_log(path: Path, name: str) -> None:
    with pytest.raises(TokenError, match="is no name"):
        add_token(path, name, [UPDATE], VALUE)


def test_a_value_stands_for_one_token(path: Path) -> None:
    add_token(path, "one", [UPDATE], VALUE)
    with pytest.raises(TokenError, match="has a token of this value"):
        add_token(path, "two", [UPDATE], VALUE)


def test_a_name_has_two_tokens_at_once_so_that_clients_can_change_over(path: Path) -> None:
    old, new, third = new_value(), new_value(), new_value()
    first = add_token(path, "importer", [UPDATE], old)
    add_token(path, "importer", [UPDATE], new)
    add_token(path, "another", [UPDATE], VALUE)
    with pytest.raises(TokenError, match=f"revoke --token-file .* --id {first.id}$"):
        add_token(path, "importer", [UPDATE], third)
    revoke_token(path, "importer", first.id)
    add_token(path, "importer", [UPDATE], third)
    tokens = TokenFile(path)
    found = [bool(tokens.find(value)) for value in (old, new, third, VALUE)]
    assert found == [False, True, True, True]


def test_to_revoke_one_of_two_is_to_say_which(path: Path) -> None:
    ids = [add_token(path, "importer", [UPDATE], new_value()).id for _ in range(2)]
    with pytest.raises(TokenError, match=f"say --id with one of {ids[0]} .*, {ids[1]} "):
        revoke_token(path, "importer")
    with pytest.raises(TokenError, match="has no token 'nonsense'; it has"):
        revoke_token(path, "importer", "nonsense")
    assert [token.id for token in read_tokens(path)] == ids
    assert revoke_token(path, "importer", ids[1]).id == ids[1]
    assert revoke_token(path, "importer").id == ids[0]
    assert read_tokens(path) == []
    with pytest.raises(TokenError, match="no token of the name 'importer'; it has: no one"):
        revoke_token(path, "importer")


def test_tokens_added_at_once_are_all_there(path: Path) -> None:
    names = [f"client-{number}" for number in range(40)]

    def add(name: str) -> None:
        add_token(path, name, [UPDATE], new_value())

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, names))
    tokens = read_tokens(path)
    assert sorted(token.name for token in tokens) == sorted(names)
    assert len({token.id for token in tokens}) == 40
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_of_many_tokens_for_one_name_added_at_once_two_are_taken(path: Path) -> None:
    def add(_: int) -> bool:
        try:
            add_token(path, "importer", [UPDATE], new_value())
        except TokenError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(add, range(16))) == 2
    assert len(read_tokens(path)) == 2


def test_a_file_that_cannot_be_replaced_is_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_token(path, "one", [UPDATE], VALUE)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(TokenError, match="cannot be written \\(No space left on device\\)"):
        add_token(path, "two", [UPDATE], new_value())
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_directory_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(TokenError, match="in a directory that is there"):
        add_token(tmp_path / "nowhere" / "tokens.json", "one", [UPDATE], VALUE)


def entry(**changes: object) -> dict[str, object]:
    good: dict[str, object] = {
        "id": "0a1b2c3d",
        "name": "importer",
        "scopes": ["update"],
        "created": "2026-11-20T10:00:00Z",
        "sha256": hashlib.sha256(VALUE.encode()).hexdigest(),
    }
    return {**good, **changes}


def document(*entries: object) -> str:
    return json.dumps({"format": 1, "tokens": entries})


DAMAGED = [
    pytest.param("", "it is not JSON", id="empty"),
    pytest.param(document(entry())[:-9], "it is not JSON", id="cut"),
    pytest.param("[" * 100_000, "it is not JSON", id="nested"),
    pytest.param("[]", "no JSON object", id="a list"),
    pytest.param('{"format": 2, "tokens": []}', "'format' is 2", id="a later format"),
    pytest.param('{"format": 1}', "no list 'tokens'", id="no tokens"),
    pytest.param(document("x"), "token 1 has not", id="a text"),
    pytest.param(document(entry(), entry(comment="x")), "token 2 has not", id="one thing more"),
    pytest.param(document(entry(sha256="0" * 63)), "wrong 'sha256'", id="short hash"),
    pytest.param(document(entry(sha256=int("1" * 64))), "wrong 'sha256'", id="a number"),
    pytest.param(document(entry(name="\x1b[31m")), "wrong 'name'", id="name"),
    pytest.param(document(entry(id="../x")), "wrong 'id'", id="id"),
    pytest.param(document(entry(created="\x1b[31m")), "wrong 'created'", id="created"),
    pytest.param(document(entry(scopes="update")), "'scopes' are no list", id="scopes no list"),
    pytest.param(document(entry(scopes=["everything"])), "is no scope", id="unknown scope"),
    pytest.param(document(entry(scopes=[1])), "is no scope", id="scope no text"),
]


def test_a_file_made_by_hand_is_read(path: Path) -> None:
    path.write_text(document(entry()))
    token = TokenFile(path).find(VALUE)
    assert token is not None
    assert (token.name, token.scopes) == ("importer", (UPDATE,))


@pytest.mark.parametrize(("text", "complaint"), DAMAGED)
def test_a_damaged_file_is_refused_and_not_overwritten(
    path: Path, text: str, complaint: str
) -> None:
    path.write_text(text)
    actions: list[Callable[[], object]] = [
        lambda: read_tokens(path),
        lambda: add_token(path, "two", [UPDATE], new_value()),
        lambda: revoke_token(path, "importer"),
    ]
    for action in actions:
        with pytest.raises(TokenError, match=complaint):
            action()
    assert path.read_text() == text


@pytest.mark.parametrize(("text", "complaint"), DAMAGED)
def test_a_server_that_starts_again_over_a_damaged_file_accepts_no_token(
    path: Path, text: str, complaint: str, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text(text)
    tokens = TokenFile(path)
    assert tokens.find(VALUE) is None
    assert complaint in caplog.text
    path.write_text(document(entry()))
    assert tokens.find(VALUE)


def test_a_file_that_is_not_there_is_said_with_how_to_make_it(path: Path) -> None:
    with pytest.raises(TokenError, match="make it with 'metapole token add --token-file"):
        read_tokens(path)


@pytest.mark.parametrize("value", ["", "x", VALUE.upper(), VALUE + "=", VALUE[:-1], "é", "\udc80"])
def test_no_other_value_is_found(path: Path, value: str) -> None:
    add_token(path, "importer", [UPDATE], VALUE)
    assert TokenFile(path).find(value) is None


def test_the_hash_of_a_token_is_no_token(path: Path) -> None:
    token = add_token(path, "importer", [UPDATE], VALUE)
    assert TokenFile(path).find(token.digest) is None


def test_changes_of_the_file_hold_at_once(path: Path) -> None:
    add_token(path, "one", [UPDATE], VALUE)
    tokens = TokenFile(path)
    assert tokens.find(VALUE)
    later = new_value()
    add_token(path, "two", [UPDATE], later)
    assert tokens.find(later)
    revoke_token(path, "one")
    assert tokens.find(VALUE) is None
    assert tokens.find(later)


def test_a_change_that_leaves_size_and_time_of_writing_is_seen(path: Path) -> None:
    path.write_text(document(entry()))
    tokens = TokenFile(path)
    before = path.stat()
    path.write_text(document(entry(sha256=hashlib.sha256(b"another").hexdigest())))
    while path.stat().st_ctime_ns == before.st_ctime_ns:  # the clock of the file system ticks
        os.utime(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (
        before.st_size,
        before.st_mtime_ns,
        before.st_ino,
    )
    assert tokens.find(VALUE) is None


def test_a_file_that_has_not_changed_is_not_read_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_token(path, "importer", [UPDATE], VALUE)
    tokens = TokenFile(path)

    def unwanted(*_: object, **__: object) -> None:
        raise AssertionError("it was opened")

    monkeypatch.setattr(Path, "open", unwanted)
    assert tokens.find(VALUE)


def remove(path: Path) -> None:
    path.unlink()


def damage(path: Path) -> None:
    path.write_text(path.read_text()[:-5])


def block(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_binary(path: Path) -> None:
    path.write_bytes(b"\xff\xfe")


@pytest.mark.parametrize("fault", [remove, damage, block, make_binary])
def test_while_the_file_cannot_be_read_no_token_is_accepted(
    path: Path, fault: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    add_token(path, "importer", [UPDATE], VALUE)
    text = path.read_text()
    tokens = TokenFile(path)
    assert tokens.find(VALUE)
    fault(path)
    assert [tokens.find(VALUE) for _ in range(3)] == [None, None, None]
    told = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) == 1
    assert "no token is accepted" in told[0].getMessage()
    if path.is_dir():
        path.rmdir()
    path.write_text(text)
    assert tokens.find(VALUE)
    fault(path)
    assert tokens.find(VALUE) is None
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 2


def test_a_server_says_that_others_can_read_its_tokens(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    add_token(path, "importer", [UPDATE], VALUE)
    TokenFile(path)
    assert "open to others" not in caplog.text
    path.chmod(0o640)
    TokenFile(path)
    assert f"{path} is open to others (mode 640); chmod 600 it" in caplog.text


def test_the_command_prints_a_token_once_and_its_advice_beside_it(path: Path) -> None:
    done = metapole("add", "--token-file", path, "--name", "importer", "--scope", "update",
                    "--scope", f"write:{OURS}")  # fmt: skip
    assert done.returncode == 0, done.stderr
    value = done.stdout.removesuffix("\n")
    assert re.fullmatch(r"metapole_[A-Za-z0-9_-]{43}", value)
    assert value not in done.stderr
    assert "Keep the token" in done.stderr
    token = TokenFile(path).find(value)
    assert token
    assert [str(scope) for scope in token.scopes] == ["update", f"write:{OURS}"]

    shown = metapole("list", "--token-file", path)
    assert shown.returncode == 0
    assert [line.split() for line in shown.stdout.splitlines()] == [
        ["NAME", "ID", "CREATED", "SCOPES"],
        ["importer", token.id, token.created, "update", f"write:{OURS}"],
    ]
    assert value not in shown.stdout
    assert token.digest not in shown.stdout

    revoked = metapole("revoke", "--token-file", path, "--name", "importer", "--id", token.id)
    assert (revoked.returncode, revoked.stdout) == (0, "")
    assert f"Revoked {token.id} of importer" in revoked.stderr
    assert read_tokens(path) == []
    assert "has no tokens" in metapole("list", "--token-file", path).stderr


def test_the_command_takes_a_value_that_was_chosen(path: Path) -> None:
    common = ("add", "--token-file", path, "--scope", "update")
    given = metapole(*common, "--name", "one", "--value", VALUE)
    assert (given.returncode, given.stdout) == (0, f"{VALUE}\n")
    assert "history of the shell" in given.stderr
    read = metapole(*common, "--name", "two", "--value", "-", given=f"{VALUE}-2\n")
    assert (read.returncode, read.stdout) == (0, f"{VALUE}-2\n")
    assert "history of the shell" not in read.stderr
    tokens = TokenFile(path)
    assert [getattr(tokens.find(each), "name", None) for each in (VALUE, f"{VALUE}-2")] == [
        "one",
        "two",
    ]


def test_the_command_says_that_others_could_read_the_file(path: Path) -> None:
    add_token(path, "one", [UPDATE], new_value())
    path.chmod(0o644)
    assert (
        "is open to others (mode 644); chmod 600" in metapole("list", "--token-file", path).stderr
    )
    done = metapole("revoke", "--token-file", path, "--name", "one")
    assert "was open to others (mode 644); now only its owner may read it" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (["add", "--name", "a", "--scope", "everything"], 2, "read, write:PREFIX, update"),
        (["add", "--name", "a", "--scope", "write"], 2, "names no graphs"),
        (["add", "--name", "a b", "--scope", "update"], 2, "is no name"),
        (["add", "--name", "a"], 2, "--scope"),
        (["add", "--scope", "update"], 2, "--name"),
        (["add", "--name", "a", "--scope", "update", "--value", "short"], 1, "5 characters"),
        (["revoke", "--name", "a"], 1, "has no token of the name 'a'; it has: importer"),
        (["revoke", "--name", "importer", "--id", "a"], 1, "has no token 'a'; it has"),
        (["revoke"], 2, "--name"),
        ([], 2, "ACTION"),
        (["rotate"], 2, "rotate"),
    ],
)
def test_what_the_command_does_not_do_it_says(
    path: Path, arguments: list[str], status: int, complaint: str
) -> None:
    add_token(path, "importer", [UPDATE], VALUE)
    before = path.read_bytes()
    words = [*arguments[:1], "--token-file", path, *arguments[1:]] if arguments else []
    done = metapole(*words)
    assert (done.returncode, done.stdout) == (status, "")
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize("action", ["list", "revoke"])
def test_a_file_that_is_not_there_is_not_made_by_reading(path: Path, action: str) -> None:
    name = ["--name", "a"] if action == "revoke" else []
    done = metapole(action, "--token-file", path, *name)
    assert (done.returncode, done.stdout) == (1, "")
    assert "make it with 'metapole token add" in done.stderr
    assert list(path.parent.iterdir()) == []


def commands_of_the_guide() -> dict[str, list[str]]:
    page = (ROOT / "docs" / "guides" / "write.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^<!-- token: ([\w-]+) -->\n```console\n(.+)\n```$", page, re.MULTILINE)
    return {name: shlex.split(line)[2:] for name, line in blocks}


def test_the_commands_of_the_guide_change_a_token(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    steps = {
        name: [str(path) if word == path.name else word for word in words]
        for name, words in commands_of_the_guide().items()
    }
    added = [metapole(*steps[name]) for name in ("add", "add-second")]
    assert [done.returncode for done in added] == [0, 0]
    listed = metapole(*steps["list"]).stdout
    first, _ = read_tokens(path)
    assert first.id in listed
    revoked = metapole(*(first.id if word == "ID" else word for word in steps["revoke"]))
    assert revoked.returncode == 0
    tokens = TokenFile(path)
    assert [bool(tokens.find(done.stdout.strip())) for done in added] == [False, True]
